package io.concord.test.server;

/**
 * A server and how to end it.
 *
 * @param <S> what tests are given
 * @param server the server
 * @param end ends the server, or leaves it alone if the tests did not start it
 */
public record StartedServer<S extends TestServer>(S server, Runnable end) implements AutoCloseable {

	/**
	 * A server that ends with its process.
	 * @param <S> what tests are given
	 * @param server the server
	 * @param process its process
	 * @return the started server
	 */
	public static <S extends TestServer> StartedServer<S> of(S server, ServerProcess process) {
		return new StartedServer<>(server, process::close);
	}

	/**
	 * A server that the tests did not start and leave alone.
	 * @param <S> what tests are given
	 * @param server the server
	 * @return the started server
	 */
	public static <S extends TestServer> StartedServer<S> leftAlone(S server) {
		return new StartedServer<>(server, () -> {
		});
	}

	@Override
	public void close() {
		this.end.run();
	}

}
