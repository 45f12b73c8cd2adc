package io.concord.test.mysql;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.DatabaseProduct;
import io.concord.test.jdbc.DatabaseServer;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;

/**
 * A running MySQL. Thread-safe.
 */
public sealed class MySqlServer extends DatabaseServer permits PrivateMySqlServer {

	static final DatabaseProduct PRODUCT = new DatabaseProduct(ServerKind.MYSQL, "jdbc:mysql",
			"com.mysql:mysql-connector-j", "", "", Map.of("connectTimeout", "10000", "socketTimeout", "30000"));

	MySqlServer(DatabaseAddress address, @Nullable ServerProcess process) {
		super(PRODUCT, address, process);
	}

}
