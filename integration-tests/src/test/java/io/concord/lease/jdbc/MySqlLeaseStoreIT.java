package io.concord.lease.jdbc;

import io.concord.test.mysql.MySqlServer;
import io.concord.test.mysql.MySqlServerTest;

@MySqlServerTest
class MySqlLeaseStoreIT extends AbstractInnoDbLeaseStoreIT {

	MySqlLeaseStoreIT(MySqlServer server) {
		super(server);
	}

	@Override
	long deadlocks() {
		return query("SELECT count FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'");
	}

}
