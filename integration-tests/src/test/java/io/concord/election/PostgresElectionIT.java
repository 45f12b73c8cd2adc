package io.concord.election;

import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

@PostgresServerTest
class PostgresElectionIT extends AbstractDatabaseElectionIT {

	PostgresElectionIT(PostgresServer server) {
		super(server);
	}

	@Override
	protected Costs costs() {
		return new Costs(1, 1.3, 2, 14, Candidacy.LEAST_PAUSE);
	}

}
