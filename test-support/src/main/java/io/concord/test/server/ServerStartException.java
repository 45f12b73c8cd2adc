package io.concord.test.server;

/**
 * No server could be started. The message says what was tried, why each failed and what
 * helps; the failures are the suppressed exceptions.
 */
public class ServerStartException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	ServerStartException(String message) {
		super(message);
	}

}
