package io.concord.test.server;

/**
 * A server that does nothing.
 *
 * @param version its version, empty if it cannot tell
 */
record Box(String version) implements TestServer {

	@Override
	public String version() {
		if (this.version.isEmpty()) {
			throw new IllegalStateException("no label");
		}
		return this.version;
	}

}
