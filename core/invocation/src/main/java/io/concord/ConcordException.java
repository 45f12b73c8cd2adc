package io.concord;

import org.jspecify.annotations.Nullable;

/**
 * Root of all exceptions that Concord throws on its own account. Unchecked.
 */
public class ConcordException extends RuntimeException {

	public ConcordException(String message) {
		super(message);
	}

	public ConcordException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
