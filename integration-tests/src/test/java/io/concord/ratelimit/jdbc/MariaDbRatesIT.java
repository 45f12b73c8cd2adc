package io.concord.ratelimit.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbRatesIT extends AbstractDatabaseRatesIT {

	MariaDbRatesIT(MariaDbServer server) {
		super(server);
	}

	@AfterAll
	static void disconnect() {
		disconnect(MariaDbRatesIT.class);
	}

}
