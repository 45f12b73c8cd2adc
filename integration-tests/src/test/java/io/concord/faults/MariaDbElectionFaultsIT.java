package io.concord.faults;

import org.junit.jupiter.api.Tag;

import io.concord.test.mariadb.PrivateMariaDbServer;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class MariaDbElectionFaultsIT extends AbstractJdbcFaultsIT<PrivateMariaDbServer> {

	MariaDbElectionFaultsIT() {
		super("MariaDB", Work.ELECTIONS);
	}

	@Override
	PrivateMariaDbServer startServer() {
		return PrivateMariaDbServer.start();
	}

}
