package io.concord.test.memcached;

import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;

/**
 * A memcached that belongs to one test, which may pause, kill and restart it, and closes
 * it. Thread-safe.
 */
public final class PrivateMemcachedServer extends MemcachedServer implements AutoCloseable {

	PrivateMemcachedServer(ServerProcess process) {
		super(process);
	}

	/**
	 * Start a server from a local binary, see {@link MemcachedServerTest}.
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and memcached is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static PrivateMemcachedServer start() {
		StartedServer<PrivateMemcachedServer> started = ServerSources.startFirst(ServerKind.MEMCACHED,
				"a memcached of their own",
				new MemcachedSources(System::getProperty, System::getenv).forPrivateServer());
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
	 * End the server. Has no effect the second time.
	 */
	@Override
	public void close() {
		process().close();
	}

}
