package io.concord.test.redis;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

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

	static EmbeddedRedisDefinition forSystem(String os, String architecture) throws IOException {
		String resource = resource(os.toLowerCase(Locale.ROOT), architecture.toLowerCase(Locale.ROOT));
		if (resource == null) {
			throw new FileNotFoundException("there is no binary for " + os + " on " + architecture);
		}
		if (EmbeddedRedisDefinition.class.getResource(resource) == null) {
			throw new FileNotFoundException(
					"the class path has no " + resource + "; add com.github.codemonstur:embedded-redis 1.4.4");
		}
		return new EmbeddedRedisDefinition(resource);
	}

	private static @Nullable String resource(String os, String architecture) {
		boolean arm = List.of("aarch64", "arm64").contains(architecture);
		boolean intel = List.of("amd64", "x86_64").contains(architecture);
		if (os.startsWith("linux")) {
			return arm ? "/redis-server-6.2.7-linux-arm64" : intel ? "/redis-server-6.2.6-v5-linux-amd64" : null;
		}
		if (os.startsWith("mac")) {
			return arm ? "/redis-server-6.2.6-v5-darwin-arm64" : intel ? "/redis-server-6.2.6-v5-darwin-amd64" : null;
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
