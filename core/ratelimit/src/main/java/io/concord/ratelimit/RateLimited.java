package io.concord.ratelimit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

import io.concord.invocation.Otherwise;

/**
 * Limits how often, or how many at the same time, a method of a Spring bean runs, in all
 * processes on the same store together.
 *
 * <pre class="code">
 * &#064;RateLimited(rule = "checkout", key = "#order.customer")
 * public Receipt place(Order order) { … }
 * </pre>
 *
 * <p>
 * The rule is one of {@code concord.ratelimit.rules}, or described right here by
 * {@link #rate} and {@link #algorithm}. If it stands more than once, all of them have to
 * let the call through. They are asked in their order: what an earlier one has given from
 * a rate stays taken if a later one refuses, so that which refuses most often comes
 * first.
 *
 * <p>
 * The annotation works like {@code @Transactional}: on methods of beans that are called
 * through the bean's proxy, so not on calls within the same object. It may be present on
 * the method of an interface, on a class or interface, where it applies to all public
 * methods, and as a meta-annotation. What cannot work is refused at start-up with an
 * {@link io.concord.invocation.InvalidAnnotationException}. The limit is asked before a
 * transaction of the same method begins.
 *
 * <p>
 * A method that returns a {@code CompletionStage}, a {@code Mono} or a {@code Flux} is
 * run when it is let through, and no thread waits for that: a publisher with each
 * subscription. A permit for concurrency is held until the result has completed, failed
 * or been cancelled.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(RateLimited.All.class)
public @interface RateLimited {

	/**
	 * Alias for {@link #rule}.
	 * @return the name of the rule
	 */
	@AliasFor("rule")
	String value() default "";

	/**
	 * Name of the rule, literal but for <code>${…}</code> placeholders. With a
	 * {@link #rate} of its own: by default the fully qualified name of the bean's class,
	 * a dot and the name of the method, or its end if that is too long.
	 * @return the name of the rule
	 */
	@AliasFor("value")
	String rule() default "";

	/**
	 * SpEL expression over the arguments that tells apart what is limited apart:
	 * {@code #userId}, {@code #order.customer}, or by index {@code #p0}. Properties only.
	 * @return the expression; empty for one limit whatever the arguments are
	 */
	String key() default "";

	/**
	 * How many permits a call takes: a number, or a <code>${…}</code> placeholder.
	 * @return the number
	 */
	String permits() default "1";

	/**
	 * How long a call waits at most, such as {@code 2s}; {@code 0} to not wait at all. By
	 * default the {@code max-wait} of the rule. A call that would wait longer is not let
	 * through, at once.
	 * @return the time to wait
	 */
	String maxWait() default "";

	/**
	 * Rates of a rule that is described right here, such as {@code 10/s}, or
	 * <code>${…}</code> placeholders.
	 * @return the rates; none to use a rule of the configuration
	 */
	String[] rate() default {};

	/**
	 * How many may run at the same time, for a rule that is described right here with
	 * {@code algorithm = CONCURRENCY}.
	 * @return the limit; 0 for none
	 */
	int limit() default 0;

	/**
	 * How a rule counts that is described right here.
	 * @return the algorithm
	 */
	RateAlgorithm algorithm() default RateAlgorithm.TOKEN_BUCKET;

	/**
	 * What happens to a call that is not let through.
	 * @return throw a {@link RateLimitedException}, skip the method, or run
	 * {@link #fallback} instead
	 */
	Otherwise otherwise() default Otherwise.THROW;

	/**
	 * Name of the method to run if the call is not let through. Needs
	 * {@code otherwise = FALLBACK}. It is a method of the same class, of any visibility,
	 * with the same parameters and a return type that fits, and may take the
	 * {@link RateLimitedException} as a last parameter.
	 * @return the name of the fallback method
	 */
	String fallback() default "";

	/**
	 * Holds several.
	 */
	@Target({ ElementType.METHOD, ElementType.TYPE })
	@Retention(RetentionPolicy.RUNTIME)
	@Documented
	@interface All {

		/**
		 * The annotations in their order.
		 * @return the annotations
		 */
		RateLimited[] value();

	}

}
