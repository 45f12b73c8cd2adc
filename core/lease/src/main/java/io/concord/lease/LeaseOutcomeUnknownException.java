package io.concord.lease;

import org.jspecify.annotations.Nullable;

/**
 * A request was sent to the store and no answer came in time: it may have been applied or
 * not, or may be applied yet. Neither success nor failure.
 *
 * <p>
 * Who gets this from an attempt to acquire does not hold the resource. The engine goes on
 * to withdraw the claim; at the worst the resource is blocked for others until the lease
 * ends by itself.
 */
public class LeaseOutcomeUnknownException extends LeaseStoreException {

	public LeaseOutcomeUnknownException(String message) {
		super(message);
	}

	public LeaseOutcomeUnknownException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
