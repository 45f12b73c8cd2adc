package io.concord.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;

import io.concord.lease.LeaseEngine;

/**
 * Locks that all processes on the same store share. Safe for use by many threads.
 *
 * <pre class="code">
 * try (HeldLock lock = locks.acquire("orders:" + sku, Duration.ofSeconds(2))) {
 *     …
 * }
 * </pre>
 *
 * <p>
 * Locks are reentrant by thread, for these methods and {@link DistributedLock} alike: who
 * acquires a lock that the thread holds gets it at once, without asking the store and
 * with the same fencing token; the last one closed gives it back. A lock may be closed by
 * another thread than the one that acquired it.
 *
 * <p>
 * Locks renew themselves until they are closed, unless a lease time is given.
 *
 * <p>
 * All methods that acquire throw {@link IllegalArgumentException} if the name is empty or
 * longer than 1,024 characters, {@link LockLostException} if the thread holds the lock
 * but has lost it, {@link io.concord.lease.LeaseStoreException} if the store failed and
 * {@link io.concord.lease.LeaseOutcomeUnknownException} if it did not answer in time. Who
 * gets an exception doesn't hold the lock.
 */
public interface DistributedLocks {

	/**
	 * Acquires a lock if it is free.
	 * @param name name of the lock
	 * @return the lock, or empty if somebody else holds it
	 */
	Optional<HeldLock> tryAcquire(String name);

	/**
	 * Acquires a lock, first come, first served.
	 * @param name name of the lock
	 * @param waitTime how long to wait for it; zero for not at all
	 * @return the lock, to be closed
	 * @throws LockUnavailableException if it was not to be had in time
	 * @throws io.concord.lease.LeaseInterruptedException if the thread was interrupted
	 * while it waited; its interrupt flag is set
	 * @throws IllegalArgumentException also if the time is negative
	 */
	HeldLock acquire(String name, Duration waitTime);

	/**
	 * Acquires a lock that is lost after some time if it has not been closed by then. If
	 * the thread holds the lock already, that lock's own end counts.
	 * @param name name of the lock
	 * @param waitTime how long to wait for it; zero for not at all
	 * @param leaseTime how long the lock lasts
	 * @return the lock, to be closed
	 * @throws LockUnavailableException if it was not to be had in time
	 * @throws io.concord.lease.LeaseInterruptedException if the thread was interrupted
	 * while it waited; its interrupt flag is set
	 * @throws IllegalArgumentException also if the time to wait is negative or the lease
	 * time is shorter than twice the store's time-out
	 */
	HeldLock acquire(String name, Duration waitTime, Duration leaseTime);

	/**
	 * Returns a lock in the shape of {@code java.util.concurrent}. It belongs to the
	 * thread that locks it, all objects for the same name being one lock.
	 * {@code unlock()} throws {@link LockLostException} if the lock was lost before.
	 * {@code lock()} waits without end, and an interrupted thread joins the line again at
	 * its end; {@code newCondition()} is not supported.
	 * @param name name of the lock
	 * @return a view of the lock
	 */
	Lock asLock(String name);

	/**
	 * Asks the store who holds a lock at this moment, in whichever process: for people
	 * and tests. One store call.
	 * @param name name of the lock
	 * @return its status
	 * @throws UnsupportedOperationException if the store can't look
	 */
	LockStatus status(String name);

	/**
	 * Returns whether the current thread certainly holds a lock. No I/O.
	 * @param name name of the lock
	 * @return whether it holds it
	 */
	boolean isHeldByCurrentThread(String name);

	/**
	 * Returns the same locks under a name in meters and traces, where they are called
	 * {@code by-hand} otherwise.
	 * @param label one of few, so never with a key in it, such as {@code stock} for locks
	 * {@code stock:42} and {@code stock:43}
	 * @return a view of these locks
	 */
	DistributedLocks labelled(String label);

	/**
	 * Creates locks on an engine.
	 * @param engine the engine; closing it is the caller's business
	 * @param settings the defaults
	 * @return the locks
	 * @throws IllegalArgumentException if the default lease time is shorter than the
	 * engine's {@linkplain LeaseEngine#minLeaseTime() least}
	 */
	static DistributedLocks create(LeaseEngine engine, LockSettings settings) {
		return new LeasedLocks(engine, settings);
	}

	/**
	 * Creates locks on an engine that can be replaced, such as after a restart.
	 * @param engine gives the engine; asked at each acquisition
	 * @param settings the defaults
	 * @return the locks
	 * @throws IllegalArgumentException if the default lease time is shorter than the
	 * engine's {@linkplain LeaseEngine#minLeaseTime() least}
	 */
	static DistributedLocks create(Supplier<LeaseEngine> engine, LockSettings settings) {
		return new LeasedLocks(engine, settings);
	}

}
