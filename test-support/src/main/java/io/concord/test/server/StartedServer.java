package io.concord.test.server;

/**
 * A server and how to end it.
 *
 * @param <S> what tests are given
 * @param server the server
 * @param end ends the server, or leaves it alone if the tests did not start it
 */
public record StartedServer<S>(S server, Runnable end) implements AutoCloseable {

	@Override
	public void close() {
		this.end.run();
	}

}
