package io.concord.lease.jdbc;

import com.zaxxer.hikari.HikariConfig;

import io.concord.test.mariadb.MariaDbServer;

/**
 * The driver takes the server for one of MySQL, and sends it what MySQL would get.
 */
class MariaDbThroughMySqlDriverIT extends MariaDbLeaseStoreIT {

	MariaDbThroughMySqlDriverIT(MariaDbServer server) {
		super(server);
	}

	@Override
	protected HikariConfig connections() {
		HikariConfig config = super.connections();
		config.setJdbcUrl(config.getJdbcUrl().replaceFirst("^jdbc:mariadb:", "jdbc:mysql:"));
		return config;
	}

}
