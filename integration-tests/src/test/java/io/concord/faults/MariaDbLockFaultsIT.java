package io.concord.faults;

import io.concord.test.mariadb.PrivateMariaDbServer;

class MariaDbLockFaultsIT extends AbstractJdbcLockFaultsIT<PrivateMariaDbServer> {

	MariaDbLockFaultsIT() {
		super("MariaDB");
	}

	@Override
	PrivateMariaDbServer startServer() {
		return PrivateMariaDbServer.start();
	}

}
