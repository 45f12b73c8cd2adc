package io.concord.idgen;

import org.jspecify.annotations.Nullable;

/**
 * There was no id within the bounded wait: the store is down or slow, the worker id was
 * lost and there is no other yet, or the generator is closed.
 */
public class IdsUnavailableException extends IdGenerationException {

	public IdsUnavailableException(String message) {
		super(message);
	}

	public IdsUnavailableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
