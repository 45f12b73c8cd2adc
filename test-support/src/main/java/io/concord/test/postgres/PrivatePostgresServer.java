package io.concord.test.postgres;

import java.util.function.UnaryOperator;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.PrivateDatabaseServer;
import io.concord.test.server.MovableClock;
import io.concord.test.server.ServerDefinition;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;

/**
 * A PostgreSQL that belongs to one test, which may pause, kill and restart it, and closes
 * it. It keeps what it has acknowledged. Thread-safe.
 */
public final class PrivatePostgresServer extends PostgresServer implements PrivateDatabaseServer {

	PrivatePostgresServer(DatabaseAddress address, ServerProcess process) {
		super(address, process);
	}

	/**
	 * Start a server from a local or embedded binary, see {@link PostgresServerTest}.
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and PostgreSQL is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static PrivatePostgresServer start() {
		return start(UnaryOperator.identity());
	}

	/**
	 * Start a server with a clock of its own.
	 * @param clock its wall clock
	 * @return the server, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException see {@link #start()}
	 * @throws io.concord.test.server.ServerAbsentException see {@link #start()}
	 */
	public static PrivatePostgresServer start(MovableClock clock) {
		return start(clock::under);
	}

	private static PrivatePostgresServer start(UnaryOperator<ServerDefinition> change) {
		StartedServer<PrivatePostgresServer> started = ServerSources.startFirst(ServerKind.POSTGRES,
				"a PostgreSQL of their own",
				new PostgresSources(System::getProperty, System::getenv).forPrivateServer(change));
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
