package io.concord.election;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbElectionIT extends AbstractDatabaseElectionIT {

	MariaDbElectionIT(MariaDbServer server) {
		super(server);
	}

}
