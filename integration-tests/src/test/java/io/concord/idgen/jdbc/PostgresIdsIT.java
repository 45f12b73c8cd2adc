package io.concord.idgen.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

@PostgresServerTest
class PostgresIdsIT extends AbstractDatabaseIdsIT {

	PostgresIdsIT(PostgresServer server) {
		super(server);
	}

	@AfterAll
	static void disconnect() {
		disconnect(PostgresIdsIT.class);
	}

}
