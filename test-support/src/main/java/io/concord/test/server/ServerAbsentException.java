package io.concord.test.server;

import org.opentest4j.TestAbortedException;

/**
 * There is no server of a kind that is not {@linkplain RequiredServers required}: the
 * test is skipped. The message says what was tried and why each failed.
 */
public class ServerAbsentException extends TestAbortedException {

	private static final long serialVersionUID = 1L;

	private final ServerKind kind;

	ServerAbsentException(ServerKind kind, String message) {
		super(message);
		this.kind = kind;
	}

	/**
	 * The kind of server that there is not.
	 * @return the kind
	 */
	public ServerKind kind() {
		return this.kind;
	}

}
