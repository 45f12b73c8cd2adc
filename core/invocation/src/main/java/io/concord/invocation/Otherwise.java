package io.concord.invocation;

/**
 * What happens to a call that an annotation does not let through, such as one that could
 * not get its lock in time. Applies to that answer only: if the store fails, the thread
 * is interrupted or what was granted is lost, the call always throws.
 */
public enum Otherwise {

	/** The call throws an exception that says why. */
	THROW,

	/**
	 * The method is not run. The call returns an empty {@link java.util.Optional} if that
	 * is the method's return type, and {@code null} otherwise; methods that return
	 * another primitive than {@code void} are refused at start-up.
	 */
	SKIP,

	/** The fallback method that the annotation names is run instead. */
	FALLBACK

}
