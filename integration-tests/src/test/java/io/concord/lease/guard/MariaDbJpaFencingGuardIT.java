package io.concord.lease.guard;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbJpaFencingGuardIT extends AbstractJpaFencingGuardIT {

	MariaDbJpaFencingGuardIT(MariaDbServer server) {
		super(server.createDatabase("guard"), server.username(), server.password());
	}

}
