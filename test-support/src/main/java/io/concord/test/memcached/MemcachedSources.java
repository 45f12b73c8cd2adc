package io.concord.test.memcached;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.concord.test.server.ServerContainer;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSettings;
import io.concord.test.server.ServerSettings.Lookup;
import io.concord.test.server.ServerSource;
import io.concord.test.server.StartedServer;

/**
 * From where a memcached can be had, the preferred source first. No jar has its binary.
 */
final class MemcachedSources {

	private static final List<String> PROGRAMS = List.of("memcached");

	private static final ServerContainer CONTAINER = new ServerContainer("memcached:1.6-alpine", 11211, Map.of(),
			List.of());

	private final ServerSettings settings;

	MemcachedSources(Lookup properties, Lookup variables) {
		this.settings = new ServerSettings(ServerKind.MEMCACHED, properties, variables);
	}

	List<ServerSource<MemcachedServer>> forSharedServer() {
		return List.of(this.settings.url(MemcachedSources::connect), localBinary(MemcachedServer::new),
				this.settings.container(CONTAINER, MemcachedServer::new));
	}

	List<ServerSource<PrivateMemcachedServer>> forPrivateServer() {
		return List.of(localBinary(PrivateMemcachedServer::new));
	}

	private <S extends MemcachedServer> ServerSource<S> localBinary(Function<ServerProcess, S> view) {
		return this.settings.localBinary(PROGRAMS, (program) -> run(program, view));
	}

	private static <S extends MemcachedServer> StartedServer<S> run(Path program, Function<ServerProcess, S> view) {
		ServerProcess process = ServerProcess.start(new MemcachedDefinition(program.toString()));
		return StartedServer.of(view.apply(process), process);
	}

	private static StartedServer<MemcachedServer> connect(String url) throws IOException {
		URI uri = URI.create(url);
		boolean plain = "memcached".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() != -1
				&& uri.getUserInfo() == null && uri.getPath().isEmpty();
		if (!plain) {
			throw new IllegalArgumentException("it is not of the form memcached://host:port");
		}
		try (MemcachedConnection connection = MemcachedConnection.open(uri.getHost(), uri.getPort())) {
			connection.version();
		}
		catch (IOException ex) {
			throw new IOException("no memcached answers there: " + ex.getMessage(), ex);
		}
		return StartedServer.leftAlone(new MemcachedServer(uri.getHost(), uri.getPort()));
	}

}
