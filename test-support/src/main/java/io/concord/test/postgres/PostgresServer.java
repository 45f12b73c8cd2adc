package io.concord.test.postgres;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.concord.test.jdbc.DatabaseAddress;
import io.concord.test.jdbc.DatabaseProduct;
import io.concord.test.jdbc.DatabaseServer;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;

/**
 * A running PostgreSQL. Thread-safe.
 */
public sealed class PostgresServer extends DatabaseServer permits PrivatePostgresServer {

	static final DatabaseProduct PRODUCT = new DatabaseProduct(ServerKind.POSTGRES, "jdbc:postgresql",
			"org.postgresql:postgresql", "postgres", " WITH (FORCE)",
			Map.of("connectTimeout", "10", "loginTimeout", "10", "socketTimeout", "30"));

	PostgresServer(DatabaseAddress address, @Nullable ServerProcess process) {
		super(PRODUCT, address, process);
	}

}
