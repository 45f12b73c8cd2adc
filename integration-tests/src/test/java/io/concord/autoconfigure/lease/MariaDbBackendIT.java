package io.concord.autoconfigure.lease;

import java.sql.Connection;
import java.sql.SQLException;

import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

@MariaDbServerTest
class MariaDbBackendIT extends AbstractJdbcBackendIT {

	MariaDbBackendIT(MariaDbServer server) {
		super(server);
	}

	@Override
	void createGuest(Connection connection) throws SQLException {
		run(connection, "CREATE OR REPLACE USER concord_guest@'%' IDENTIFIED BY 'guest'");
		run(connection, "GRANT SELECT ON " + connection.getCatalog() + ".* TO concord_guest@'%'");
	}

}
