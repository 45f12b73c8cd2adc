package io.concord.test.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.ServerProcess;
import io.concord.test.server.TestServer;

/**
 * A running Redis. Thread-safe.
 */
public sealed class RedisServer implements TestServer permits PrivateRedisServer {

	private final String host;

	private final int port;

	private final @Nullable ServerProcess process;

	RedisServer(String host, int port) {
		this(host, port, null);
	}

	RedisServer(ServerProcess process) {
		this("127.0.0.1", process.port(), process);
	}

	private RedisServer(String host, int port, @Nullable ServerProcess process) {
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
	 * Host and port as a URL that clients understand.
	 * @return the URL, as {@code redis://host:port}
	 */
	public final String url() {
		return "redis://" + ((this.host.indexOf(':') < 0) ? this.host : "[" + this.host + "]") + ":" + this.port;
	}

	@Override
	public final String version() {
		try (RespConnection connection = RespConnection.open(this.host, this.port)) {
			return String.valueOf(connection.info("server").get("redis_version"));
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

	/**
	 * How often the server was called since {@link #resetCommandCounts()}, commands that
	 * scripts run included, from {@code INFO commandstats}.
	 * @return calls by command in lower case, such as {@code evalsha}, sorted, without
	 * {@code info} and {@code config}, which this class uses itself
	 */
	public final Map<String, Long> commandCounts() {
		try (RespConnection connection = RespConnection.open(this.host, this.port)) {
			Map<String, Long> counts = new TreeMap<>();
			connection.info("commandstats").forEach((name, value) -> {
				String command = name.substring("cmdstat_".length());
				if (!command.equals("info") && !command.startsWith("config")) {
					counts.put(command, Long.valueOf(value.substring("calls=".length(), value.indexOf(','))));
				}
			});
			return counts;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot read command statistics of " + this, ex);
		}
	}

	/**
	 * Let {@link #commandCounts()} start from nothing.
	 */
	public final void resetCommandCounts() {
		try (RespConnection connection = RespConnection.open(this.host, this.port)) {
			connection.call("CONFIG", "RESETSTAT");
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot reset command statistics of " + this, ex);
		}
	}

	final void resumeIfPaused() {
		if (this.process != null) {
			this.process.resume();
		}
	}

	final ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The tests did not start " + this + " as a process of their own. "
					+ "Use a PrivateRedisServer, or run without -Dconcord.test.redis.url and with redis-server installed");
		}
		return this.process;
	}

	@Override
	public final String toString() {
		return "Redis at " + url();
	}

}
