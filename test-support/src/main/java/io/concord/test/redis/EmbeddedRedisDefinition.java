package io.concord.test.redis;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.OperatingSystem;

/**
 * A Redis whose binary is in the jar of embedded-redis. Only the binary is used: the
 * library's own way to start it leaves a server behind when the JVM is killed.
 */
final class EmbeddedRedisDefinition extends RedisDefinition {

	private static final String BINARY = "redis-server";

	private final String resource;

	private EmbeddedRedisDefinition(String resource) {
		super("./" + BINARY);
		this.resource = resource;
	}

	static EmbeddedRedisDefinition forSystem(OperatingSystem system) throws IOException {
		String resource = resource(system);
		if (resource == null) {
			throw new FileNotFoundException("there is no binary for " + system);
		}
		if (EmbeddedRedisDefinition.class.getResource(resource) == null) {
			throw new FileNotFoundException(
					"the class path has no " + resource + "; add com.github.codemonstur:embedded-redis 1.4.4");
		}
		return new EmbeddedRedisDefinition(resource);
	}

	private static @Nullable String resource(OperatingSystem system) {
		if (system.isLinux()) {
			return system.isArm64() ? "/redis-server-6.2.7-linux-arm64"
					: system.isAmd64() ? "/redis-server-6.2.6-v5-linux-amd64" : null;
		}
		if (system.isMac()) {
			return system.isArm64() ? "/redis-server-6.2.6-v5-darwin-arm64"
					: system.isAmd64() ? "/redis-server-6.2.6-v5-darwin-amd64" : null;
		}
		return null;
	}

	@Override
	public void prepare(Path directory) throws IOException {
		Path binary = directory.resolve(BINARY);
		try (InputStream in = EmbeddedRedisDefinition.class.getResourceAsStream(this.resource)) {
			if (in == null) {
				throw new FileNotFoundException(this.resource);
			}
			Files.copy(in, binary);
		}
		if (!binary.toFile().setExecutable(true)) {
			throw new IOException("Cannot make " + binary + " executable");
		}
	}

}
