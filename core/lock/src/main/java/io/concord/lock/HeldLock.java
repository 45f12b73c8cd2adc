package io.concord.lock;

import java.util.List;
import java.util.function.Consumer;

import io.concord.lease.Fenced;

/**
 * A lock that is held. All methods may be called by any thread. Only {@link #close()}
 * asks the store.
 *
 * <p>
 * A lock is a promise with an end: it is lost if the store can't be reached for longer
 * than the lease lasts, or the process stands still for so long. What is written under a
 * lock and must never be written by two holders needs the {@linkplain #fencingToken()
 * fencing token} checked where it is written.
 */
public interface HeldLock extends AutoCloseable, Fenced {

	/**
	 * Returns the full name of the lock, or of several that were acquired together.
	 * @return the name as it was acquired; names are separated by commas
	 */
	String name();

	/**
	 * Returns the fencing token. Every later grant of the same lock has a larger one;
	 * nested acquisitions on the same thread have the same. It takes all 63 bits of a
	 * {@code long}: to pass it through JSON to what counts in doubles, write it as text.
	 * @return the token, positive
	 * @throws IllegalStateException if these are several locks, see {@link #parts()}
	 */
	long fencingToken();

	/**
	 * Returns the locks that were acquired together.
	 * @return in the order of their names; this one if it is the only one
	 */
	default List<HeldLock> parts() {
		return List.of(this);
	}

	/**
	 * Returns whether the lock certainly is held at this moment. No I/O. False once it is
	 * closed or lost, and for a while after the machine may have been suspended, until
	 * the store has confirmed the lock.
	 * @return whether it is held
	 */
	boolean isHeld();

	/**
	 * Registers what to do if the lock is lost: once, after {@link #isHeld()} has turned
	 * false, on a thread of Concord's or, if it has been lost already, on this one. Not
	 * called after this lock has been closed. What a listener throws is logged.
	 * @param listener takes the reason, for people
	 */
	void onLost(Consumer<String> listener);

	/**
	 * Gives the lock back, if this is the outermost one of its name on the thread that
	 * acquired it. Repeated calls do nothing. If the store can't be reached the lock is
	 * free when its lease has ended, and no exception is thrown: it was held until now.
	 * @throws LockLostException if the lock was lost before
	 */
	@Override
	void close();

}
