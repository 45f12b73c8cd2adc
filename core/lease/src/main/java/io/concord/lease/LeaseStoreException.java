package io.concord.lease;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * The store could not be asked or did not do what it was asked. Unless it is a
 * {@link LeaseOutcomeUnknownException}, nothing has changed in the store.
 */
public class LeaseStoreException extends ConcordException {

	public LeaseStoreException(String message) {
		super(message);
	}

	public LeaseStoreException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
