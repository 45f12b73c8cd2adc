package io.concord.test.memcached;

import java.io.IOException;
import java.io.UncheckedIOException;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.ServerProcess;
import io.concord.test.server.TestServer;

/**
 * A running memcached. Thread-safe.
 */
public sealed class MemcachedServer implements TestServer permits PrivateMemcachedServer {

	private final String host;

	private final int port;

	private final @Nullable ServerProcess process;

	MemcachedServer(String host, int port) {
		this(host, port, null);
	}

	MemcachedServer(ServerProcess process) {
		this("127.0.0.1", process.port(), process);
	}

	private MemcachedServer(String host, int port, @Nullable ServerProcess process) {
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

	@Override
	public final String version() {
		try (MemcachedConnection connection = MemcachedConnection.open(this.host, this.port)) {
			return connection.version();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot read the version of " + this, ex);
		}
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
	 * Stop the server where it is ({@code SIGSTOP}): connections stay open, and nothing
	 * answers.
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

	final void resumeIfPaused() {
		if (this.process != null) {
			this.process.resume();
		}
	}

	final ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The tests did not start " + this + " as a process of their own. "
					+ "Use a PrivateMemcachedServer, or run without -Dconcord.test.memcached.url and with memcached "
					+ "installed");
		}
		return this.process;
	}

	@Override
	public final String toString() {
		return "memcached at " + this.host + ":" + this.port;
	}

}
