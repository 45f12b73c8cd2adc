package io.concord.test.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.concord.test.server.ServerDefinition;

/**
 * A Redis with a part in something larger.
 */
final class RedisNodeDefinition implements ServerDefinition {

	private static final String SENTINEL_FILE = "sentinel.conf";

	private final RedisDefinition redis;

	private final String role;

	private final List<String> arguments;

	private final List<String> sentinel;

	private RedisNodeDefinition(RedisDefinition redis, String role, List<String> arguments, List<String> sentinel) {
		this.redis = redis;
		this.role = role;
		this.arguments = List.copyOf(arguments);
		this.sentinel = List.copyOf(sentinel);
	}

	/** A server with options of its own. */
	static RedisNodeDefinition of(RedisDefinition redis, List<String> arguments) {
		return new RedisNodeDefinition(redis, redis.name(), arguments, List.of());
	}

	/** A sentinel, which keeps what it has learnt in its configuration. */
	static RedisNodeDefinition sentinel(RedisDefinition redis, List<String> configuration) {
		return new RedisNodeDefinition(redis, "redis-sentinel", List.of(), configuration);
	}

	@Override
	public String name() {
		return this.role;
	}

	@Override
	public void prepare(Path directory) throws IOException {
		this.redis.prepare(directory);
		if (!this.sentinel.isEmpty()) {
			Files.write(directory.resolve(SENTINEL_FILE), this.sentinel);
		}
	}

	@Override
	public List<String> command(int port, Path directory) {
		List<String> command = new ArrayList<>(this.redis.command(port, directory));
		if (!this.sentinel.isEmpty()) {
			return List.of(command.get(0), directory.resolve(SENTINEL_FILE).toString(), "--sentinel", "--bind",
					"127.0.0.1", "--port", Integer.toString(port), "--dir", directory.toString());
		}
		command.addAll(this.arguments);
		return command;
	}

	@Override
	public boolean isReady(int port, long pid, Path directory) throws IOException {
		return this.redis.isReady(port, pid, directory);
	}

}
