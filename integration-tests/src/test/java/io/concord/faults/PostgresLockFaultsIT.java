package io.concord.faults;

import io.concord.test.postgres.PrivatePostgresServer;

class PostgresLockFaultsIT extends AbstractJdbcLockFaultsIT<PrivatePostgresServer> {

	PostgresLockFaultsIT() {
		this("PostgreSQL");
	}

	PostgresLockFaultsIT(String name) {
		super(name);
	}

	@Override
	PrivatePostgresServer startServer() {
		return PrivatePostgresServer.start();
	}

}
