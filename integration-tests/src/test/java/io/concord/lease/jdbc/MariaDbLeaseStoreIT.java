package io.concord.lease.jdbc;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbLeaseStoreIT extends AbstractInnoDbLeaseStoreIT {

	MariaDbLeaseStoreIT(MariaDbServer server) {
		super(server);
	}

	@Override
	long deadlocks() {
		return query("SELECT VARIABLE_VALUE FROM information_schema.global_status"
				+ " WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'");
	}

}
