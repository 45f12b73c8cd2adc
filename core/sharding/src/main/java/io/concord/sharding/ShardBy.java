package io.concord.sharding;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

/**
 * Runs a method of a Spring bean on the shard that a key belongs to: connections that it
 * takes from the sharded {@code DataSource} or {@code RedisConnectionFactory} go there.
 *
 * <pre class="code">
 * &#064;ShardBy("#order.customerId")
 * &#064;Transactional
 * public void place(Order order) { … }
 * </pre>
 *
 * <p>
 * The shard is chosen before a transaction of the same method begins, and stays the same
 * in a transaction: a call that would change it there is refused with a
 * {@link ShardChangeException}. Without a transaction, the shard of an inner call holds
 * until that returns.
 *
 * <p>
 * The annotation works like {@code @Transactional}: on methods of beans that are called
 * through the bean's proxy, so not on calls within the same object. It may be present on
 * the method of an interface, on a class or interface, where it applies to all public
 * methods, and as a meta-annotation. What cannot work is refused at start-up with an
 * {@link io.concord.invocation.InvalidAnnotationException}: also methods that return a
 * future or a publisher, as the shard belongs to the thread.
 *
 * <p>
 * Calls throw {@link io.concord.hashing.NoNodeException} if no shard is there for the
 * key, and {@link io.concord.invocation.InvalidKeyException} if there is no key.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface ShardBy {

	/**
	 * Alias for {@link #key}.
	 * @return the expression
	 */
	@AliasFor("key")
	String value() default "";

	/**
	 * SpEL expression over the arguments that gives the key: {@code #customerId},
	 * {@code #order.customerId}, or by index {@code #p0}. Properties only. A number and
	 * its decimal text are the same key.
	 * @return the expression
	 */
	@AliasFor("value")
	String key() default "";

	/**
	 * Name of the sharding, literal but for <code>${…}</code> placeholders. Needed if
	 * there are several.
	 * @return the name under {@code concord.sharding}; empty for the only one
	 */
	String sharding() default "";

}
