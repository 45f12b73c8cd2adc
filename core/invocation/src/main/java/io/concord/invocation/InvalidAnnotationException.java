package io.concord.invocation;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * An annotation of Concord can't work as it stands. Thrown when the bean is created, so
 * for most beans at start-up.
 */
public class InvalidAnnotationException extends ConcordException {

	private final String action;

	/**
	 * Creates the exception.
	 * @param description what is wrong, and where: annotation, class and method
	 * @param action what to do about it
	 * @param cause what was thrown, if anything was
	 */
	public InvalidAnnotationException(String description, String action, @Nullable Throwable cause) {
		super(description, cause);
		this.action = action;
	}

	/**
	 * Returns what to do about it.
	 * @return one or more sentences
	 */
	public String getAction() {
		return this.action;
	}

	/**
	 * The message together with the action, so that stack traces show both.
	 */
	@Override
	public String toString() {
		return super.toString() + " " + this.action;
	}

}
