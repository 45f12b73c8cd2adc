package io.concord.test.redis;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.concord.test.server.ServerContainer;
import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSettings.Lookup;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a Redis can be had, the preferred source first.
 */
final class RedisSources {

	private static final List<String> PROGRAMS = List.of("redis-server");

	private static final ServerContainer CONTAINER = new ServerContainer("redis:7.4-alpine", 6379, Map.of(),
			List.of("redis-server", "--save", "", "--appendonly", "no"));

	private final ServerSettings settings;

	RedisSources(Lookup properties, Lookup variables) {
		this.settings = new ServerSettings(ServerKind.REDIS, properties, variables);
	}

	List<ServerSource<RedisServer>> forSharedServer() {
		return List.of(this.settings.url(RedisSources::connect), localBinary(RedisServer::new),
				embeddedBinary(RedisServer::new), this.settings.container(CONTAINER, RedisServer::new));
	}

	List<ServerSource<PrivateRedisServer>> forPrivateServer() {
		return List.of(localBinary(PrivateRedisServer::new), embeddedBinary(PrivateRedisServer::new));
	}

	private <S extends RedisServer> ServerSource<S> localBinary(Function<ServerProcess, S> view) {
		return this.settings.localBinary(PROGRAMS, (binary) -> run(new RedisDefinition(binary.toString()), view));
	}

	private <S extends RedisServer> ServerSource<S> embeddedBinary(Function<ServerProcess, S> view) {
		return this.settings.embeddedBinary((system) -> run(EmbeddedRedisDefinition.forSystem(system), view));
	}

	private static <S extends RedisServer> StartedServer<S> run(ServerDefinition definition,
			Function<ServerProcess, S> view) {
		ServerProcess process = ServerProcess.start(definition);
		return StartedServer.of(view.apply(process), process);
	}

	private static StartedServer<RedisServer> connect(String url) throws IOException {
		URI uri = URI.create(url);
		boolean plain = "redis".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() != -1
				&& uri.getUserInfo() == null && uri.getPath().isEmpty();
		if (!plain) {
			throw new IllegalArgumentException(
					"it is not of the form redis://host:port; tests connect by host and port only");
		}
		try (RespConnection connection = RespConnection.open(uri.getHost(), uri.getPort())) {
			connection.call("PING");
		}
		catch (IOException ex) {
			throw new IOException("no Redis answers there: " + ex.getMessage(), ex);
		}
		return StartedServer.leftAlone(new RedisServer(uri.getHost(), uri.getPort()));
	}

}
