package io.concord.test.memcached;

import java.io.IOException;
import java.io.UncheckedIOException;

import io.concord.test.server.ProcessServer;
import io.concord.test.server.ServerProcess;

/**
 * A running memcached. Thread-safe.
 */
public sealed class MemcachedServer extends ProcessServer permits PrivateMemcachedServer {

	MemcachedServer(String host, int port) {
		super(host, port, null);
	}

	MemcachedServer(ServerProcess process) {
		super("127.0.0.1", process.port(), process);
	}

	@Override
	public final String version() {
		try (MemcachedConnection connection = MemcachedConnection.open(host(), port())) {
			return connection.version();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot read the version of " + this, ex);
		}
	}

	@Override
	public final String toString() {
		return "memcached at " + host() + ":" + port();
	}

}
