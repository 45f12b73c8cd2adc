package io.concord.lease;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * A guard did not let a write through: it doesn't know the writer as the newest holder of
 * the resource. The transaction or the script that the guard stands before has not been
 * applied.
 */
public class FencedOutException extends ConcordException {

	private final Fence fence;

	private final long announcedToken;

	/**
	 * Creates the exception.
	 * @param fence who was refused
	 * @param announcedToken the token that the guard has; 0 if it has none or can't tell
	 * @param reason why, for people: the rest of a sentence
	 * @param cause what was thrown, if anything was
	 */
	public FencedOutException(Fence fence, long announcedToken, String reason, @Nullable Throwable cause) {
		super("The holder of " + fence + " was fenced out: " + reason, cause);
		this.fence = fence;
		this.announcedToken = announcedToken;
	}

	/**
	 * Returns who was refused.
	 * @return the refused grant
	 */
	public Fence getFence() {
		return this.fence;
	}

	/**
	 * Returns the token that the guard has for the resource.
	 * @return the token; 0 if it has none or can't tell
	 */
	public long getAnnouncedToken() {
		return this.announcedToken;
	}

}
