package io.concord.lock;

/**
 * Whom a lock keeps out.
 */
public enum LockMode {

	/** Everybody else. */
	EXCLUSIVE,

	/**
	 * Those who write, not others who read. First come, first served among both, so that
	 * readers who keep coming don't starve a writer.
	 */
	READ,

	/** Everybody else, as {@link #EXCLUSIVE}; says that others read the same lock. */
	WRITE

}
