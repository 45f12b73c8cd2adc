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
	 * @param kind the kind of server, for messages
	 * @param sources the sources, the preferred one first; if one is
	 * {@linkplain ServerSource#isRequested() requested}, only this is tried
	 * @return the started server
	 * @throws ServerStartException if none of them has one
	 */
	public static <S> StartedServer<S> startFirst(String kind, List<? extends ServerSource<S>> sources) {
		List<Exception> failures = new ArrayList<>();
		StringBuilder tried = new StringBuilder();
		for (ServerSource<S> source : candidates(sources)) {
			try {
				StartedServer<S> started = source.start();
				logger.info("Tests use {}, {}", started.server(), source.name());
				return started;
			}
			catch (Exception ex) {
				failures.add(ex);
				tried.append(System.lineSeparator()).append("  - ").append(source.name()).append(": ");
				tried.append((ex.getMessage() != null) ? ex.getMessage() : ex);
			}
		}
		ServerStartException none = new ServerStartException(
				"These tests need " + kind + ", and none could be started. Tried:" + tried);
		failures.forEach(none::addSuppressed);
		throw none;
	}

	private static <S> List<? extends ServerSource<S>> candidates(List<? extends ServerSource<S>> sources) {
		return sources.stream()
			.filter(ServerSource::isRequested)
			.findFirst()
			.<List<? extends ServerSource<S>>>map(List::of)
			.orElse(sources);
	}

}
