package io.concord.ratelimit.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

@PostgresServerTest
class PostgresRatesIT extends AbstractDatabaseRatesIT {

	PostgresRatesIT(PostgresServer server) {
		super(server);
	}

	@AfterAll
	static void disconnect() {
		disconnect(PostgresRatesIT.class);
	}

}
