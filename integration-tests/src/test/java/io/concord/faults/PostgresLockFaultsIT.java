package io.concord.faults;

import io.concord.test.postgres.PrivatePostgresServer;

class PostgresLockFaultsIT extends AbstractJdbcLockFaultsIT<PrivatePostgresServer> {

	PostgresLockFaultsIT() {
		super("PostgreSQL");
	}

	@Override
	PrivatePostgresServer startServer() {
		return PrivatePostgresServer.start();
	}

}
