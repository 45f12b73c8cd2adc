package io.concord.autoconfigure.actuate;

/**
 * A feature can't answer at this moment, as its store failed. For the features of
 * Concord; may change at any time.
 */
public final class FeatureUnavailableException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what failed, for operators; no secrets
	 * @param cause the failure
	 */
	public FeatureUnavailableException(String message, Throwable cause) {
		super(message, cause);
	}

}
