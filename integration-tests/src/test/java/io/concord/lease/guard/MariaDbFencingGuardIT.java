package io.concord.lease.guard;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbFencingGuardIT extends AbstractFencingGuardIT {

	MariaDbFencingGuardIT(MariaDbServer server) {
		super(server.createDatabase("guard"), server.username(), server.password());
	}

}
