package io.concord.lock;

import io.concord.ConcordException;

/**
 * A lock was lost before it was given back: somebody else may have held it meanwhile.
 * What was done under the lock has been done; whether it may stand is for the caller to
 * decide.
 */
public class LockLostException extends ConcordException {

	private final String name;

	private final long fencingToken;

	private final String reason;

	/**
	 * Creates the exception.
	 * @param name full name of the lock
	 * @param fencingToken token of the lost lock
	 * @param reason why it was lost, for people
	 */
	public LockLostException(String name, long fencingToken, String reason) {
		super("Lock '" + LockNames.abbreviate(name) + "' with fencing token " + fencingToken + " was lost: " + reason);
		this.name = name;
		this.fencingToken = fencingToken;
		this.reason = reason;
	}

	/**
	 * Returns the full name of the lock.
	 * @return the name
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * Returns the token of the lost lock.
	 * @return the token
	 */
	public long getFencingToken() {
		return this.fencingToken;
	}

	/**
	 * Returns why the lock was lost.
	 * @return the reason, for people
	 */
	public String getReason() {
		return this.reason;
	}

}
