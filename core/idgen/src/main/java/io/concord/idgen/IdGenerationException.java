package io.concord.idgen;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * There is no id. The generator goes on by itself as soon as it can: who gets this may
 * try again later.
 */
public class IdGenerationException extends ConcordException {

	public IdGenerationException(String message) {
		super(message);
	}

	public IdGenerationException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
