package io.concord.test.server;

import org.jspecify.annotations.Nullable;

/**
 * A server at one address, which can be stopped and let go on if the tests have started
 * it as a process of their own. Thread-safe.
 */
public abstract class ProcessServer implements TestServer {

	private final String host;

	private final int port;

	private final @Nullable ServerProcess process;

	/**
	 * Create a server.
	 * @param host the host to connect to
	 * @param port the port to connect to
	 * @param process the process of the server, or {@code null} if the tests did not
	 * start it as one of their own
	 */
	protected ProcessServer(String host, int port, @Nullable ServerProcess process) {
		this.host = host;
		this.port = port;
		this.process = process;
	}

	/**
	 * The host to connect to.
	 * @return the host
	 */
	public final String host() {
		return this.host;
	}

	/**
	 * The port to connect to.
	 * @return the port
	 */
	public final int port() {
		return this.port;
	}

	/**
	 * The process id of the server.
	 * @return the process id
	 * @throws IllegalStateException if the tests did not start the server as a process of
	 * their own
	 */
	public final long pid() {
		return process().pid();
	}

	/**
	 * Stop all processes of the server where they are ({@code SIGSTOP}): connections stay
	 * open, and nothing answers.
	 * @throws IllegalStateException if the tests did not start the server as a process of
	 * their own
	 */
	public final void pause() {
		process().pause();
	}

	/**
	 * Let a paused server go on. Has no effect on one that is not paused.
	 * @throws IllegalStateException if the tests did not start the server as a process of
	 * their own
	 */
	public final void resume() {
		process().resume();
	}

	/**
	 * Let the server go on if it can be paused at all.
	 */
	public final void resumeIfPaused() {
		if (this.process != null) {
			this.process.resume();
		}
	}

	/**
	 * The process of the server.
	 * @return the process
	 * @throws IllegalStateException if the tests did not start the server as a process of
	 * their own
	 */
	public final ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The tests did not start " + this + " as a process of their own. Use a "
					+ "private server, or run with a local or an embedded one instead of a URL or a container");
		}
		return this.process;
	}

}
