package io.concord.lock;

/**
 * What happens if a lock is lost while the method under it runs. In any case
 * {@link HeldLock#isHeld()} is false, then the listeners to the lock run and a
 * {@link LockLostEvent} is published.
 */
public enum OnLost {

	/**
	 * Nothing but the event: the method goes on, commits, and its result is returned. For
	 * methods that may be run twice at once without harm.
	 */
	EVENT,

	/**
	 * Transactions that the thread of the method commits after the loss are rolled back
	 * instead, and the call ends with a {@link LockLostException}, or its result fails
	 * with that if the method is asynchronous. What is not in a transaction of the
	 * thread, or was committed before the loss, stays.
	 */
	ROLLBACK,

	/**
	 * As {@link #ROLLBACK}, and the thread that runs the method is interrupted, so that
	 * one which waits or sleeps stops soon. The call ends with a
	 * {@link LockLostException}, whatever the method makes of the interrupt; the thread's
	 * flag is cleared when the method has ended, unless it was set before. Not for
	 * asynchronous methods.
	 */
	INTERRUPT

}
