package io.concord.test.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.concord.test.server.ServerDefinition;

/**
 * A Redis that keeps nothing, of a binary that is there.
 */
class RedisDefinition implements ServerDefinition {

	private final String binary;

	RedisDefinition(String binary) {
		this.binary = binary;
	}

	@Override
	public String name() {
		return "redis";
	}

	@Override
	public List<String> command(int port, Path directory) {
		return List.of(this.binary, "--bind", "127.0.0.1", "--port", Integer.toString(port), "--dir",
				directory.toString(), "--save", "", "--appendonly", "no", "--daemonize", "no");
	}

	@Override
	public boolean isReady(int port, long pid, Path directory) throws IOException {
		try (RespConnection connection = RespConnection.open("127.0.0.1", port)) {
			return Long.toString(pid).equals(connection.info("server").get("process_id"));
		}
	}

}
