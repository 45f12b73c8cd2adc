package io.concord.test.memcached;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.concord.test.server.ServerDefinition;

/**
 * A memcached of a program of this machine.
 */
final class MemcachedDefinition implements ServerDefinition {

	private final String program;

	MemcachedDefinition(String program) {
		this.program = program;
	}

	@Override
	public String name() {
		return "memcached";
	}

	@Override
	public List<String> command(int port, Path directory) {
		// Only root is asked as whom to run, and may not leave it open.
		return List.of(this.program, "-l", "127.0.0.1", "-p", Integer.toString(port), "-U", "0", "-u", "nobody");
	}

	@Override
	public boolean isReady(int port, long pid, Path directory) throws IOException {
		try (MemcachedConnection connection = MemcachedConnection.open("127.0.0.1", port)) {
			return connection.pid() == pid;
		}
	}

}
