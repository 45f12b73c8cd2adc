package io.concord.lock;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.core.annotation.AliasFor;

import io.concord.invocation.Otherwise;

/**
 * Runs a method of a Spring bean under a lock that all processes on the same store share:
 * of all methods with the same lock name, one runs at a time.
 *
 * <pre class="code">
 * &#064;DistributedLock(name = "orders", key = "#order.sku", waitTime = "2s")
 * &#064;Transactional
 * public Receipt place(Order order) { … }
 * </pre>
 *
 * <p>
 * The lock is taken before a transaction of the same method begins and released after it
 * has ended. It is reentrant: a locked method that calls another with the same lock name,
 * on the same thread, keeps the lock it has, and with it the fencing token.
 *
 * <p>
 * A method may have a parameter of type {@link HeldLock} and is given its own lock there,
 * for its fencing token; callers pass {@code null}. A fallback method gets what the
 * caller passed.
 *
 * <p>
 * The annotation works like {@code @Transactional}: on methods of beans that are called
 * through the bean's proxy, so not on calls within the same object. It may be present on
 * the method of an interface, on a class or interface, where it applies to all public
 * methods, and as a meta-annotation, with {@link AliasFor @AliasFor} for its attributes.
 * What cannot work is refused at start-up with an
 * {@link io.concord.invocation.InvalidAnnotationException}: private, static and final
 * methods, Kotlin {@code suspend} functions, malformed attributes, methods that return a
 * future or a publisher of another type than the following.
 *
 * <p>
 * A method that returns a {@code CompletionStage}, a {@code CompletableFuture}, a
 * {@code Mono} or a {@code Flux} holds the lock until that has completed, failed or been
 * cancelled, and no thread waits for the lock. It is run by a thread of Concord's.
 * Reactive methods are reentrant along the Reactor context; a future has nothing that
 * could carry a lock, so there is no reentrance.
 *
 * <p>
 * A lock can be lost while the method runs, if the store can't be reached for longer than
 * the lease lasts or the process stood still. {@link #onLost} says what happens then. A
 * method that stood still can't know: what must never be written by two holders needs
 * {@link #fenced}, or the fencing token checked where it is written.
 */
@Target({ ElementType.METHOD, ElementType.TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface DistributedLock {

	/**
	 * Alias for {@link #name}.
	 * @return the name of the lock
	 */
	@AliasFor("name")
	String value() default "";

	/**
	 * Name of the lock, literal but for <code>${…}</code> placeholders. By default the
	 * fully qualified name of the bean's class, a dot and the name of the method, so
	 * overloaded methods share a lock; on a class as well: each method has its own.
	 * @return the name of the lock
	 */
	@AliasFor("value")
	String name() default "";

	/**
	 * SpEL expression over the arguments that tells apart what can be locked separately:
	 * {@code #sku}, {@code #order.sku}, or by index {@code #p0}. The full name of the
	 * lock is {@code name:key}. Properties only: no methods, types or beans.
	 *
	 * <p>
	 * The value must be a simple one that reads the same in every process: text, a
	 * number, an enum constant, a UUID, a date and the like. An error if it is
	 * {@code null} or empty. A list of such values, as <code>{#from, #to}</code>, or a
	 * parameter that is a collection or an array, acquires one lock for each, all or
	 * nothing and in the order of their names, so that two with opposite orders don't
	 * block each other.
	 * @return the expression; empty for one lock whatever the arguments are
	 */
	String key() default "";

	/**
	 * How long a call waits for the lock, such as {@code 2s}, {@code 500ms},
	 * {@code PT2S}, or a <code>${…}</code> placeholder. {@code 0} to not wait at all. By
	 * default {@link LockSettings#waitTime()}.
	 * @return the time to wait
	 */
	String waitTime() default "";

	/**
	 * How long the lock is held at most, in the notation of {@link #waitTime}. It then
	 * ends even if the method still runs. By default the lock is renewed while the method
	 * runs, and outlives a crash of the process by {@link LockSettings#leaseTime()} at
	 * most.
	 * @return the longest time to hold the lock
	 */
	String leaseTime() default "";

	/**
	 * Whom the lock keeps out.
	 * @return the mode
	 */
	LockMode mode() default LockMode.EXCLUSIVE;

	/**
	 * How many may run at the same time. Those who use the same name with different
	 * limits keep to the least one of those that run. With more than one, {@link #mode()}
	 * must be {@link LockMode#EXCLUSIVE}.
	 * @return the limit
	 */
	int limit() default 1;

	/**
	 * For how long the lock stays taken, counted from its acquisition, even if the method
	 * returns before; in the notation of {@link #waitTime}. With {@code @Scheduled},
	 * {@code waitTime = "0"} and {@code otherwise = SKIP} it runs a job once in the
	 * cluster, for nodes whose clocks differ by less than that.
	 * @return the least time
	 */
	String minHold() default "";

	/**
	 * Whether the lock may be passed on among threads of the same process without asking
	 * the store, within the bounds of {@link LockSettings#handOver()}.
	 * @return false if every call goes to the store
	 */
	boolean handOver() default true;

	/**
	 * What happens to a call that did not get the lock in time.
	 * @return throw a {@link LockUnavailableException}, skip the method, or run
	 * {@link #fallback} instead
	 */
	Otherwise otherwise() default Otherwise.THROW;

	/**
	 * Name of the method to run if the lock was not to be had in time. Needs
	 * {@code otherwise = FALLBACK}. It is a method of the same class, of any visibility,
	 * with the same parameters and a return type that fits, and may take the
	 * {@link LockUnavailableException} as a last parameter.
	 * @return the name of the fallback method
	 */
	String fallback() default "";

	/**
	 * What happens if the lock is lost while the method runs.
	 * @return roll back and throw a {@link LockLostException}, also interrupt the thread,
	 * or go on and only publish a {@link LockLostEvent}
	 */
	OnLost onLost() default OnLost.ROLLBACK;

	/**
	 * Whether the transactions of the method are guarded by the fencing token: none that
	 * it commits is applied once a later holder of the lock has begun, however long the
	 * method stood still. It then throws a {@link io.concord.lease.FencedOutException}.
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
