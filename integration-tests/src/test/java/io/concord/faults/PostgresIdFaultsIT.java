package io.concord.faults;

import org.junit.jupiter.api.Tag;

import io.concord.test.postgres.PrivatePostgresServer;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class PostgresIdFaultsIT extends AbstractJdbcFaultsIT<PrivatePostgresServer> {

	PostgresIdFaultsIT() {
		super("PostgreSQL", Work.IDS);
	}

	@Override
	PrivatePostgresServer startServer() {
		return PrivatePostgresServer.start();
	}

}
