package io.concord.test.mariadb;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.DatabaseProduct;
import io.concord.test.jdbc.DatabaseServer;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;

/**
 * A running MariaDB. Thread-safe.
 */
public sealed class MariaDbServer extends DatabaseServer permits PrivateMariaDbServer {

	static final DatabaseProduct PRODUCT = new DatabaseProduct(ServerKind.MARIADB, "jdbc:mariadb",
			"org.mariadb.jdbc:mariadb-java-client", "", "",
			Map.of("connectTimeout", "10000", "socketTimeout", "30000"));

	MariaDbServer(DatabaseAddress address, @Nullable ServerProcess process) {
		super(PRODUCT, address, process);
	}

}
