package io.concord.ratelimit.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimitStoreContract;
import io.concord.test.jdbc.DatabaseServer;

/**
 * The contract on a real server, in a database of the test class.
 */
@Timeout(120)
abstract class AbstractDatabaseRatesIT extends RateLimitStoreContract {

	private static final Map<Class<?>, RateDatabase> databases = new ConcurrentHashMap<>();

	private final RateDatabase database;

	AbstractDatabaseRatesIT(DatabaseServer server) {
		this.database = databases.computeIfAbsent(getClass(), (type) -> connect(server));
	}

	static void disconnect(Class<?> type) {
		RateDatabase database = databases.remove(type);
		if (database != null) {
			database.close();
		}
	}

	private static RateDatabase connect(DatabaseServer server) {
		return new RateDatabase(server.createDatabase("rates"), (HikariConfig config) -> {
			config.setUsername(server.username());
			config.setPassword(server.password());
		});
	}

	@Override
	protected RateLimitStore newStore() {
		return this.database.store();
	}

	@Test
	void countsItsStatements() {
		RateStatementCounts.check(this.database.dataSource(), "INSERT");
	}

}
