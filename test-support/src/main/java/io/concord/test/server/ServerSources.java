package io.concord.test.server;

import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries sources in their order. Thread-safe.
 */
public final class ServerSources {

	private static final Logger logger = LoggerFactory.getLogger(ServerSources.class);

	private ServerSources() {
	}

	/**
	 * Start the server of the first source that has one.
	 * @param <S> what tests are given
	 * @param kind the kind of server
	 * @param what what tests need, for messages, such as {@code a Redis}
	 * @param sources the sources, the preferred one first; if one is
	 * {@linkplain ServerSource#isRequested() requested}, only this is tried
	 * @return the started server
	 * @throws ServerStartException if none of them has one and one was requested or the
	 * kind is {@linkplain RequiredServers required}
	 * @throws ServerAbsentException if none of them has one otherwise
	 * @throws IllegalArgumentException if the list of required servers cannot be read
	 */
	public static <S extends TestServer> StartedServer<S> startFirst(ServerKind kind, String what,
			List<? extends ServerSource<S>> sources) {
		return startFirst(kind, what, sources, RequiredServers.ofJvm(), ServerUse.ofJvm());
	}

	static <S extends TestServer> StartedServer<S> startFirst(ServerKind kind, String what,
			List<? extends ServerSource<S>> sources, RequiredServers required, ServerUse use) {
		List<Exception> failures = new ArrayList<>();
		StringBuilder tried = new StringBuilder();
		List<? extends ServerSource<S>> requested = sources.stream()
			.filter(ServerSource::isRequested)
			.limit(1)
			.toList();
		for (ServerSource<S> source : requested.isEmpty() ? sources : requested) {
			try {
				StartedServer<S> started = source.start();
				String version = version(started);
				use.started(kind, version, source.name());
				logger.info("Tests use {}, version {}, {}", started.server(), version, source.name());
				return started;
			}
			catch (Exception ex) {
				failures.add(ex);
				tried.append(System.lineSeparator()).append("  - ").append(source.name()).append(": ");
				tried.append((ex.getMessage() != null) ? ex.getMessage() : ex);
			}
		}
		String message = "These tests need " + what + ", and none could be started. Tried:" + tried;
		RuntimeException none = (required.contains(kind) || !requested.isEmpty()) ? new ServerStartException(message)
				: new ServerAbsentException(kind, message);
		failures.forEach(none::addSuppressed);
		throw none;
	}

	private static String version(StartedServer<?> started) {
		try {
			return started.server().version();
		}
		catch (RuntimeException ex) {
			started.close();
			throw ex;
		}
	}

}
