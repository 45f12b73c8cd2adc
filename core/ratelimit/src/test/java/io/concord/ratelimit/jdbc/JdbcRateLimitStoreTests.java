package io.concord.ratelimit.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimitStoreContract;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateSpec;

import static org.assertj.core.api.Assertions.assertThat;

class JdbcRateLimitStoreTests extends RateLimitStoreContract {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final RateDatabase database = new RateDatabase("jdbc:h2:mem:rates", (config) -> {
	});

	@AfterAll
	static void close() {
		database.close();
	}

	@Override
	protected RateLimitStore newStore() {
		return database.store();
	}

	@Test
	void countsItsStatements() {
		RateStatementCounts.check(database.dataSource(), "SELECT");
	}

	@Test
	void sweepsRowsThatSayNothingAnyMore() throws SQLException {
		RateSpec spec = new RateSpec(RateSpec.Kind.TOKEN_BUCKET,
				List.of(new RateSpec.Bandwidth(1_000_000, 1, 1_000_000)), 0);
		try (RateLimitStore store = database.store()) {
			while (store.sweep(TIMEOUT)) {
				assertThat(count()).isNotNegative();
			}
			// The clock of the database says that this was long ago.
			store.take(new RateQuery("sweep", "old", spec, 1, 0, false, 1_000_000_000), TIMEOUT);
			store.take(new RateQuery("sweep", "new", spec, 1, 0, false, RateQuery.STORE_TIME), TIMEOUT);
			int before = count();
			assertThat(store.sweep(TIMEOUT)).isFalse();
			assertThat(count()).isEqualTo(before - 1);
			assertThat(store.take(new RateQuery("sweep", "new", spec, 1, 0, false, RateQuery.STORE_TIME), TIMEOUT)
				.isAdmitted()).isFalse();
		}
	}

	private static int count() throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("SELECT COUNT(*) FROM concord_rate")) {
			row.next();
			return row.getInt(1);
		}
	}

}
