package io.concord.faults;

import io.concord.test.postgres.PrivatePostgresServer;

class PostgresLockFaultsIT extends AbstractJdbcFaultsIT<PrivatePostgresServer> {

	PostgresLockFaultsIT() {
		super("PostgreSQL", Work.LOCKS);
	}

	@Override
	PrivatePostgresServer startServer() {
		return PrivatePostgresServer.start();
	}

}
