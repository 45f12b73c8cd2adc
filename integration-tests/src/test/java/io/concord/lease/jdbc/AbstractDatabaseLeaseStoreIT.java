package io.concord.lease.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariConfig;

import io.concord.test.jdbc.DatabaseServer;

/**
 * The contract on a real server, in a database of the test class. All tests run at the
 * server's default isolation, those under contention at others as well.
 */
abstract class AbstractDatabaseLeaseStoreIT extends AbstractJdbcLeaseStoreTests {

	private static final Map<Class<?>, String> urls = new ConcurrentHashMap<>();

	private final DatabaseServer server;

	AbstractDatabaseLeaseStoreIT(DatabaseServer server) {
		this.server = server;
	}

	@Override
	protected HikariConfig connections() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(urls.computeIfAbsent(getClass(), (type) -> this.server.createDatabase("contract")));
		config.setUsername(this.server.username());
		config.setPassword(this.server.password());
		return config;
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 20;
	}

	@Override
	protected String claims() {
		return "INSERT";
	}

	@Override
	protected String renews() {
		return "UPDATE";
	}

}
