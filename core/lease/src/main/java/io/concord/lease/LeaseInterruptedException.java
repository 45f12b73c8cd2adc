package io.concord.lease;

import io.concord.ConcordException;

/**
 * The thread was interrupted while it waited for a resource. It has left the line and
 * does not hold the resource; its interrupt flag is set.
 */
public class LeaseInterruptedException extends ConcordException {

	public LeaseInterruptedException(String message) {
		super(message);
	}

}
