package io.concord.election;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbElectionIT extends AbstractDatabaseElectionIT {

	MariaDbElectionIT(MariaDbServer server) {
		super(server);
	}

	@Override
	protected Costs costs() {
		return new Costs(1, 1.3, 2, Integer.MAX_VALUE, Candidacy.LEAST_PAUSE_WITHOUT_HINTS);
	}

}
