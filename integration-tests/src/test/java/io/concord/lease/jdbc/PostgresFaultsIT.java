package io.concord.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

import io.concord.test.postgres.PrivatePostgresServer;

class PostgresFaultsIT extends AbstractDatabaseFaultsIT<PrivatePostgresServer> {

	private static PrivatePostgresServer server;

	@BeforeAll
	static void start() {
		server = PrivatePostgresServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	/** The driver waits that long for the server to take a cancellation. */
	@Override
	void tune(HikariConfig config) {
		config.addDataSourceProperty("cancelSignalTimeout", "1");
	}

	@Override
	PrivatePostgresServer server() {
		return server;
	}

}
