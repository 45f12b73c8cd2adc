package io.concord.idgen;

import org.jspecify.annotations.Nullable;

/**
 * The clock of this process is not to be trusted: it has stepped back further than is
 * bridged, is ahead of the clock of the store, or differed from it at start.
 */
public class ClockException extends IdGenerationException {

	public ClockException(String message) {
		super(message);
	}

	public ClockException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
