package io.concord.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
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
 * Locks renew themselves until they are closed, unless a lease time is given. Several
 * threads of a process that wait for the same lock get it one after the other for one
 * grant of the store, as far as {@link LockSettings#handOver()} lets them.
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
	 * Acquires what the request says: a lock for reading, one of several permits, several
	 * locks at once, a lock with an end.
	 * @param request what to acquire, and how long to wait for it
	 * @return the lock, to be closed
	 * @throws LockUnavailableException if it was not to be had in time
	 * @throws io.concord.lease.LeaseInterruptedException if the thread was interrupted
	 * while it waited; its interrupt flag is set
	 * @throws IllegalStateException if the thread holds the lock and asks for more than
	 * it holds, such as to write while it reads
	 * @throws IllegalArgumentException if a lease time is shorter than twice the store's
	 * time-out, or the store takes exclusive claims only and the request is not one
	 */
	HeldLock acquire(LockRequest request);

	/**
	 * Acquires as {@link #acquire(LockRequest)} does, without a thread that waits and
	 * without a store call on this one. Not reentrant: a future has no thread that could
	 * hold the lock.
	 * @param request what to acquire, and how long to wait for it
	 * @return completes with the lock, to be closed, which calls the store; or with a
	 * {@link LockUnavailableException} or what else is said above. To cancel it leaves
	 * the line, and what was acquired at the last moment is given back.
	 * @throws IllegalArgumentException at once, as there
	 */
	CompletableFuture<HeldLock> acquireAsync(LockRequest request);

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
	 * Returns a lock that many may read and one may write. Both its locks belong to the
	 * thread that locks them, in the manner of {@link #asLock}. Who writes may read as
	 * well; who reads and asks to write gets an {@link IllegalStateException}, as two of
	 * that kind would wait for each other for ever.
	 * @param name name of the lock; whoever locks that name otherwise writes
	 * @return a view of the lock
	 */
	ReadWriteLock readWrite(String name);

	/**
	 * Returns a semaphore.
	 * @param name name of the semaphore; a lock of the same name is all its permits
	 * @param permits how many there are, at least 1; all who use the name should agree,
	 * and the least number among those who hold one counts
	 * @return a view of the semaphore
	 */
	LockSemaphore semaphore(String name, int permits);

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
		return new LeasedLocks(() -> engine, settings);
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
