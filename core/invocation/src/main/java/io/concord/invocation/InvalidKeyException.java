package io.concord.invocation;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * The key expression of an annotation gave no usable key for the arguments of a call. The
 * message names the method, the expression and the remedy. The method has not run.
 */
public class InvalidKeyException extends ConcordException {

	public InvalidKeyException(String message) {
		super(message);
	}

	public InvalidKeyException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
