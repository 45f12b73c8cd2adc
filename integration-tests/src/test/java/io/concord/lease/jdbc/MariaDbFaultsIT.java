package io.concord.lease.jdbc;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import io.concord.test.mariadb.PrivateMariaDbServer;

class MariaDbFaultsIT extends AbstractDatabaseFaultsIT<PrivateMariaDbServer> {

	private static PrivateMariaDbServer server;

	@BeforeAll
	static void start() {
		server = PrivateMariaDbServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Override
	PrivateMariaDbServer server() {
		return server;
	}

}
