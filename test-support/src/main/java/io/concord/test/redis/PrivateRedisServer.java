package io.concord.test.redis;

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
