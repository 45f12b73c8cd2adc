package io.concord.idgen;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * Other processes use the same generator with another layout or epoch: the ids would
 * collide. The generator does not start.
 */
public class LayoutMismatchException extends ConcordException {

	public LayoutMismatchException(String message) {
		super(message);
	}

	public LayoutMismatchException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
