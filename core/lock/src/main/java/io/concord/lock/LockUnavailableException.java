package io.concord.lock;

import java.time.Duration;

import io.concord.ConcordException;

/**
 * A lock was not to be had within the time to wait: somebody else holds it. The caller
 * does not hold the lock.
 */
public class LockUnavailableException extends ConcordException {

	private final String name;

	private final Duration waited;

	/**
	 * Creates the exception.
	 * @param name full name of the lock
	 * @param waited for how long it was waited for
	 */
	public LockUnavailableException(String name, Duration waited) {
		super("Lock '" + LockNames.abbreviate(name) + "' is held elsewhere and was not to be had "
				+ (waited.isZero() ? "without waiting" : "within " + waited.toMillis() + " ms"));
		this.name = name;
		this.waited = waited;
	}

	/**
	 * Returns the full name of the lock.
	 * @return the name
	 */
	public String getName() {
		return this.name;
	}

	/**
	 * Returns for how long the lock was waited for.
	 * @return the time to wait as it was requested
	 */
	public Duration getWaited() {
		return this.waited;
	}

}
