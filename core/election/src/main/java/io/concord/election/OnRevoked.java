package io.concord.election;

/**
 * What happens to a method that runs when its node ceases to lead.
 */
public enum OnRevoked {

	/** It goes on to its end, commits, and its result is returned. */
	CONTINUE,

	/**
	 * It goes on to its end. If the leadership was lost meanwhile, transactions that its
	 * thread commits after that are rolled back instead, and the call ends with a
	 * {@link LeadershipLostException}. If the node steps down, it waits for the method
	 * before the next one leads, and nothing is rolled back.
	 */
	ROLLBACK,

	/**
	 * As {@link #ROLLBACK}, and the thread that runs the method is interrupted, also if
	 * the node steps down, so that one which waits or sleeps stops soon. A method that
	 * fails after that ends with a {@link LeadershipLostException}. The thread's flag is
	 * cleared when the method has ended, unless it was set before. Not for asynchronous
	 * methods.
	 */
	INTERRUPT

}
