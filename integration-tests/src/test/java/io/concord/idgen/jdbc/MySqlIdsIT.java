package io.concord.idgen.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.test.mysql.MySqlServer;
import io.concord.test.mysql.MySqlServerTest;

@MySqlServerTest
class MySqlIdsIT extends AbstractDatabaseIdsIT {

	MySqlIdsIT(MySqlServer server) {
		super(server);
	}

	@AfterAll
	static void disconnect() {
		disconnect(MySqlIdsIT.class);
	}

}
