package io.concord.faults;

import org.junit.jupiter.api.Tag;

import io.concord.test.mariadb.PrivateMariaDbServer;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class MariaDbIdFaultsIT extends AbstractJdbcFaultsIT<PrivateMariaDbServer> {

	MariaDbIdFaultsIT() {
		super("MariaDB", Work.IDS);
	}

	@Override
	PrivateMariaDbServer startServer() {
		return PrivateMariaDbServer.start();
	}

}
