package io.concord.idgen;

import org.jspecify.annotations.Nullable;

/**
 * The layout or the counter has run out: there are no more ids, ever.
 */
public class IdsExhaustedException extends IdGenerationException {

	public IdsExhaustedException(String message) {
		super(message);
	}

	public IdsExhaustedException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
