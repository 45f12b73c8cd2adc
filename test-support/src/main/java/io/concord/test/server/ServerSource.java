package io.concord.test.server;

/**
 * One way to come by a server of some kind: a URL, a local binary, a container.
 *
 * @param <S> what tests are given
 */
public interface ServerSource<S extends TestServer> {

	/**
	 * The source in words, for messages.
	 * @return the name
	 */
	String name();

	/**
	 * Whether the user asked for this very source. Its failure is then final: a test run
	 * against another server than the one asked for would mislead.
	 * @return whether it was asked for
	 */
	default boolean isRequested() {
		return false;
	}

	/**
	 * Start the server, or connect to it.
	 * @return the server, which answers
	 * @throws Exception whose message is the reason why this source has none, and the
	 * remedy
	 */
	StartedServer<S> start() throws Exception;

}
