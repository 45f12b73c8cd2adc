package io.concord.lease;

import io.concord.ConcordException;

/**
 * The engine has been closed, as the application shuts down: it takes no new claims, and
 * those that waited have left the line.
 */
public class LeaseEngineClosedException extends ConcordException {

	public LeaseEngineClosedException(String message) {
		super(message);
	}

}
