package io.concord.test.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.concord.test.server.ProcessServer;
import io.concord.test.server.ServerProcess;

/**
 * A running Redis. Thread-safe.
 */
public sealed class RedisServer extends ProcessServer permits PrivateRedisServer {

	RedisServer(String host, int port) {
		super(host, port, null);
	}

	RedisServer(ServerProcess process) {
		super("127.0.0.1", process.port(), process);
	}

	/**
	 * Host and port as a URL that clients understand.
	 * @return the URL, as {@code redis://host:port}
	 */
	public final String url() {
		return "redis://" + ((host().indexOf(':') < 0) ? host() : "[" + host() + "]") + ":" + port();
	}

	@Override
	public final String version() {
		try (RespConnection connection = RespConnection.open(host(), port())) {
			return String.valueOf(connection.info("server").get("redis_version"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot read the version of " + this, ex);
		}
	}

	/**
	 * How often the server was called since {@link #resetCommandCounts()}, commands that
	 * scripts run included, from {@code INFO commandstats}.
	 * @return calls by command in lower case, such as {@code evalsha}, sorted, without
	 * {@code info} and {@code config}, which this class uses itself
	 */
	public final Map<String, Long> commandCounts() {
		try (RespConnection connection = RespConnection.open(host(), port())) {
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
		try (RespConnection connection = RespConnection.open(host(), port())) {
			connection.call("CONFIG", "RESETSTAT");
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot reset command statistics of " + this, ex);
		}
	}

	/**
	 * Call a command that answers with a string or a number, on a connection of its own.
	 * @param command the command and its arguments
	 * @return the answer
	 * @throws UncheckedIOException if the server refuses or does not answer
	 */
	public final String call(String... command) {
		try (RespConnection connection = RespConnection.open(host(), port())) {
			return connection.call(command);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot call " + command[0] + " at " + this, ex);
		}
	}

	/**
	 * Call a command that answers with a list of strings and numbers, on a connection of
	 * its own.
	 * @param command the command and its arguments
	 * @return the answer
	 * @throws UncheckedIOException if the server refuses or does not answer
	 */
	public final List<String> list(String... command) {
		try (RespConnection connection = RespConnection.open(host(), port())) {
			return connection.list(command);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot call " + command[0] + " at " + this, ex);
		}
	}

	/**
	 * What the server says of itself.
	 * @param section a section of {@code INFO}
	 * @return the entries of the section by their names
	 * @throws UncheckedIOException if the server refuses or does not answer
	 */
	public final Map<String, String> info(String section) {
		try (RespConnection connection = RespConnection.open(host(), port())) {
			return connection.info(section);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot call INFO at " + this, ex);
		}
	}

	@Override
	public final String toString() {
		return "Redis at " + url();
	}

}
