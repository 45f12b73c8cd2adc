package io.concord.test.server;

/**
 * No server of a {@linkplain RequiredServers required} kind could be started, or not the
 * one that was {@linkplain ServerSource#isRequested() asked for}. The message says what
 * was tried, why each failed and what helps; the failures are the suppressed exceptions.
 */
public class ServerStartException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	ServerStartException(String message) {
		super(message);
	}

}
