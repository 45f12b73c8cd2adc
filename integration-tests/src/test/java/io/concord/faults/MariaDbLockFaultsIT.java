package io.concord.faults;

import io.concord.test.mariadb.PrivateMariaDbServer;

class MariaDbLockFaultsIT extends AbstractJdbcFaultsIT<PrivateMariaDbServer> {

	MariaDbLockFaultsIT() {
		super("MariaDB", Work.LOCKS);
	}

	@Override
	PrivateMariaDbServer startServer() {
		return PrivateMariaDbServer.start();
	}

}
