package io.concord.test.mysql;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.PrivateDatabaseServer;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;

/**
 * A MySQL that belongs to one test, which may pause, kill and restart it, and closes it.
 * It keeps what it has acknowledged. Thread-safe.
 */
public final class PrivateMySqlServer extends MySqlServer implements PrivateDatabaseServer {

	PrivateMySqlServer(DatabaseAddress address, ServerProcess process) {
		super(address, process);
	}

	/**
	 * Start a server from a local binary, see {@link MySqlServerTest}.
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and MySQL is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static PrivateMySqlServer start() {
		StartedServer<PrivateMySqlServer> started = ServerSources.startFirst(ServerKind.MYSQL, "a MySQL of their own",
				new MySqlSources(System::getProperty, System::getenv).forPrivateServer());
		return started.server();
	}

	@Override
	public void kill() {
		process().kill();
	}

	@Override
	public void restart() {
		process().restart();
	}

	@Override
	public void close() {
		process().close();
	}

}
