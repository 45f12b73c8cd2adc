package io.concord.faults;

import org.jspecify.annotations.Nullable;

import io.concord.test.postgres.PrivatePostgresServer;
import io.concord.test.server.MovableClock;

class PostgresElectionFaultsIT extends AbstractJdbcFaultsIT<PrivatePostgresServer> {

	PostgresElectionFaultsIT() {
		super("PostgreSQL", Work.ELECTIONS);
	}

	@Override
	PrivatePostgresServer startServer(@Nullable MovableClock clock) {
		return (clock != null) ? PrivatePostgresServer.start(clock) : PrivatePostgresServer.start();
	}

}
