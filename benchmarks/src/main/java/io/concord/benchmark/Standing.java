package io.concord.benchmark;

/**
 * A candidate of an election, from when it is opened on. Thread-safe.
 */
interface Standing {

	/**
	 * Returns whether it would now do what only the leader does.
	 */
	boolean isLeader();

	/**
	 * Leaves in good order, and closes its connections.
	 */
	void leave() throws Exception;

}
