package io.concord.idgen.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbIdsIT extends AbstractDatabaseIdsIT {

	MariaDbIdsIT(MariaDbServer server) {
		super(server);
	}

	@AfterAll
	static void disconnect() {
		disconnect(MariaDbIdsIT.class);
	}

}
