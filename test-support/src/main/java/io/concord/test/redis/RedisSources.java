package io.concord.test.redis;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a Redis can be had, the preferred source first.
 */
final class RedisSources {

	private static final String URL_PROPERTY = "concord.test.redis.url";

	private static final String URL_VARIABLE = "CONCORD_TEST_REDIS_URL";

	private static final String BINARY_PROPERTY = "concord.test.redis.binary";

	private final Lookup properties;

	private final Lookup variables;

	RedisSources(Lookup properties, Lookup variables) {
		this.properties = properties;
		this.variables = variables;
	}

	List<ServerSource<RedisServer>> forSharedServer() {
		return List.of(new Url(), new LocalBinary<>(RedisServer::new), new EmbeddedBinary<>(RedisServer::new),
				new RedisContainerSource());
	}

	List<ServerSource<PrivateRedisServer>> forPrivateServer() {
		return List.of(new LocalBinary<>(PrivateRedisServer::new), new EmbeddedBinary<>(PrivateRedisServer::new));
	}

	private static <S> StartedServer<S> run(ServerDefinition definition, Function<ServerProcess, S> view) {
		ServerProcess process = ServerProcess.start(definition);
		return new StartedServer<>(view.apply(process), process::close);
	}

	/**
	 * Looks a name up.
	 */
	interface Lookup {

		@Nullable String get(String name);

	}

	private final class Url implements ServerSource<RedisServer> {

		@Override
		public String name() {
			return "explicit URL";
		}

		private @Nullable String url() {
			String url = RedisSources.this.properties.get(URL_PROPERTY);
			url = (url != null) ? url : RedisSources.this.variables.get(URL_VARIABLE);
			return (url == null || url.isEmpty()) ? null : url;
		}

		@Override
		public boolean isRequested() {
			return url() != null;
		}

		@Override
		public StartedServer<RedisServer> start() throws IOException {
			String url = url();
			if (url == null) {
				throw new FileNotFoundException("neither -D" + URL_PROPERTY + " nor " + URL_VARIABLE + " is set");
			}
			RedisServer server = parse(url);
			try (RespConnection connection = RespConnection.open(server.host(), server.port())) {
				connection.call("PING");
			}
			catch (IOException ex) {
				throw new IOException("no Redis answers at " + url + ", which -D" + URL_PROPERTY + " or " + URL_VARIABLE
						+ " names: " + ex.getMessage(), ex);
			}
			return new StartedServer<>(server, () -> {
			});
		}

		private RedisServer parse(String url) {
			URI uri = URI.create(url);
			boolean plain = "redis".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() != -1
					&& uri.getUserInfo() == null && uri.getPath().isEmpty();
			if (!plain) {
				throw new IllegalArgumentException("'" + url + "', which -D" + URL_PROPERTY + " or " + URL_VARIABLE
						+ " names, is not of the form redis://host:port; tests connect by host and port only");
			}
			return new RedisServer(uri.getHost(), uri.getPort());
		}

	}

	private final class LocalBinary<S> implements ServerSource<S> {

		private final Function<ServerProcess, S> view;

		LocalBinary(Function<ServerProcess, S> view) {
			this.view = view;
		}

		@Override
		public String name() {
			return "local binary";
		}

		private @Nullable String named() {
			return RedisSources.this.properties.get(BINARY_PROPERTY);
		}

		@Override
		public boolean isRequested() {
			return named() != null;
		}

		@Override
		public StartedServer<S> start() throws IOException {
			String named = named();
			Path binary = (named != null) ? Path.of(named).toAbsolutePath() : onPath();
			if (!isProgram(binary)) {
				throw new FileNotFoundException(
						"'" + binary + "', which -D" + BINARY_PROPERTY + " names, is not a program");
			}
			return run(new RedisDefinition(binary.toString()), this.view);
		}

		private Path onPath() throws FileNotFoundException {
			String path = RedisSources.this.variables.get("PATH");
			return Stream.ofNullable(path)
				.flatMap(Pattern.compile(":")::splitAsStream)
				.map((directory) -> Path.of(directory, "redis-server"))
				.filter(this::isProgram)
				.findFirst()
				.orElseThrow(() -> new FileNotFoundException(
						"there is no redis-server on the PATH and -D" + BINARY_PROPERTY + " is not set"));
		}

		private boolean isProgram(Path path) {
			return Files.isRegularFile(path) && Files.isExecutable(path);
		}

	}

	private static final class EmbeddedBinary<S> implements ServerSource<S> {

		private final Function<ServerProcess, S> view;

		EmbeddedBinary(Function<ServerProcess, S> view) {
			this.view = view;
		}

		@Override
		public String name() {
			return "embedded binary";
		}

		@Override
		public StartedServer<S> start() throws IOException {
			return run(EmbeddedRedisDefinition.forSystem(System.getProperty("os.name"), System.getProperty("os.arch")),
					this.view);
		}

	}

}
