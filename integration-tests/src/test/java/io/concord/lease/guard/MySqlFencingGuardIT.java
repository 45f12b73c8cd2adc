package io.concord.lease.guard;

import io.concord.test.mysql.MySqlServer;
import io.concord.test.mysql.MySqlServerTest;

@MySqlServerTest
class MySqlFencingGuardIT extends AbstractFencingGuardIT {

	MySqlFencingGuardIT(MySqlServer server) {
		super(server.createDatabase("guard"), server.username(), server.password());
	}

}
