package io.concord.test.redis;

import java.util.List;
import java.util.function.UnaryOperator;

import io.concord.test.server.MovableClock;
import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;

/**
 * A Redis that belongs to one test, which may pause, kill and restart it, and closes it.
 * Thread-safe.
 */
public final class PrivateRedisServer extends RedisServer implements AutoCloseable {

	PrivateRedisServer(ServerProcess process) {
		super(process);
	}

	/**
	 * Start a server from a local or embedded binary, see {@link RedisServerTest}.
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and Redis is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static PrivateRedisServer start() {
		StartedServer<PrivateRedisServer> started = ServerSources.startFirst(ServerKind.REDIS, "a Redis of their own",
				new RedisSources(System::getProperty, System::getenv).forPrivateServer());
		return started.server();
	}

	/**
	 * Start a server with options of its own.
	 * @param options arguments of the command line, such as {@code --tls-port} and
	 * {@code 7000}
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException see {@link #start()}
	 * @throws io.concord.test.server.ServerAbsentException see {@link #start()}
	 */
	public static PrivateRedisServer start(List<String> options) {
		return start(options, (definition) -> definition);
	}

	/**
	 * Start a server with options and a clock of its own.
	 * @param options as for {@link #start(List)}
	 * @param clock its wall clock
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException see {@link #start()}
	 * @throws io.concord.test.server.ServerAbsentException see {@link #start()}
	 */
	public static PrivateRedisServer start(List<String> options, MovableClock clock) {
		return start(options, clock::under);
	}

	private static PrivateRedisServer start(List<String> options, UnaryOperator<ServerDefinition> change) {
		return ServerSources.startFirst(ServerKind.REDIS, "a Redis with " + options,
				new RedisSources(System::getProperty, System::getenv).<PrivateRedisServer>forTopology((redis) -> {
					ServerProcess process = ServerProcess.start(change.apply(RedisNodeDefinition.of(redis, options)));
					return StartedServer.of(new PrivateRedisServer(process), process);
				}))
			.server();
	}

	/**
	 * End the server without giving it a chance ({@code SIGKILL}). Its data is lost.
	 */
	public void kill() {
		process().kill();
	}

	/**
	 * Kill the server unless it has ended, and start it again on the same port, without
	 * data.
	 */
	public void restart() {
		process().restart();
	}

	/**
	 * End the server and delete what it has written. Has no effect the second time.
	 */
	@Override
	public void close() {
		process().close();
	}

}
