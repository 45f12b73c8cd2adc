package io.concord.election;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.concord.invocation.Otherwise;

/**
 * Runs a method of a Spring bean on the node that leads an election, and on no other.
 * Typically a scheduled one, which all nodes call.
 *
 * <pre class="code">
 * &#064;Scheduled(fixedDelay = 60_000)
 * &#064;LeaderOnly("reports")
 * public void sendReports() { … }
 * </pre>
 *
 * <p>
 * The election appears with the annotation, if it isn't configured. A call asks nobody:
 * it looks whether the lease of this node is valid by its own clock. What it starts may
 * go on when the node has ceased to lead, see {@link #onRevoked}; while it stands still
 * another node can lead, which only {@link #fenced} guards against.
 *
 * <p>
 * A method may have a parameter of type {@link Leadership} and is given that of its node
 * there, for its term; callers pass {@code null}. On a class or an interface it applies
 * to all public methods. It works as {@code @Transactional} does, by a proxy: calls from
 * inside of the bean don't pass it.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface LeaderOnly {

	/**
	 * Name of the election, literal but for <code>${…}</code> placeholders.
	 * @return the name
	 */
	String value();

	/**
	 * What happens to a call on a node that doesn't lead.
	 * @return skip the method, throw a {@link NotLeaderException}, or run
	 * {@link #fallback} instead
	 */
	Otherwise otherwise() default Otherwise.SKIP;

	/**
	 * Name of the method to run on a node that doesn't lead. Needs
	 * {@code otherwise = FALLBACK}. It is a method of the same class, of any visibility,
	 * with the same parameters and a return type that fits, and may take the
	 * {@link NotLeaderException} as a last parameter.
	 * @return the name of the fallback method
	 */
	String fallback() default "";

	/**
	 * What happens if the node ceases to lead while the method runs.
	 * @return go on, roll back if the leadership was lost, or also interrupt the thread
	 */
	OnRevoked onRevoked() default OnRevoked.ROLLBACK;

	/**
	 * Whether the transactions of the method are guarded by the term: none that it
	 * commits is applied once a later leader has begun, however long the method stood
	 * still. It then throws a {@link io.concord.lease.FencedOutException}.
	 *
	 * <p>
	 * Guards transactions of one database that the thread of the method begins and
	 * commits while it is inside, see {@link io.concord.lease.guard.FencingGuard}; not
	 * what is written elsewhere or without a transaction. No transaction may be active
	 * when the method is called.
	 * @return whether they are guarded
	 */
	boolean fenced() default false;

}
