package io.concord.faults;

import io.concord.test.postgres.PrivatePostgresServer;

class PostgresElectionFaultsIT extends AbstractJdbcFaultsIT<PrivatePostgresServer> {

	PostgresElectionFaultsIT() {
		super("PostgreSQL", Work.ELECTIONS);
	}

	@Override
	PrivatePostgresServer startServer() {
		return PrivatePostgresServer.start();
	}

}
