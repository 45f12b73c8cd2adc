package io.concord.ratelimit.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.test.mysql.MySqlServer;
import io.concord.test.mysql.MySqlServerTest;

@MySqlServerTest
class MySqlRatesIT extends AbstractDatabaseRatesIT {

	MySqlRatesIT(MySqlServer server) {
		super(server);
	}

	@AfterAll
	static void disconnect() {
		disconnect(MySqlRatesIT.class);
	}

}
