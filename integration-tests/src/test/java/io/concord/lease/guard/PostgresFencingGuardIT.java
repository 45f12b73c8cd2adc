package io.concord.lease.guard;

import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

@PostgresServerTest
class PostgresFencingGuardIT extends AbstractFencingGuardIT {

	PostgresFencingGuardIT(PostgresServer server) {
		super(server.createDatabase("guard"), server.username(), server.password());
	}

}
