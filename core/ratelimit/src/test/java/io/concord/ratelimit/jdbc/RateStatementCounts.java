package io.concord.ratelimit.jdbc;

import java.time.Duration;
import java.util.UUID;

import javax.sql.DataSource;

import io.concord.lease.jdbc.CountingDataSource;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.RateLimitStoreContract;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many statements decisions may cost.
 */
public final class RateStatementCounts {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private RateStatementCounts() {
	}

	/**
	 * Counts.
	 * @param deciding first word of the statement that decides
	 */
	public static void check(DataSource dataSource, String deciding) {
		CountingDataSource counted = new CountingDataSource(dataSource);
		String name = "statements-" + UUID.randomUUID();
		try (RateLimitStore store = new JdbcRateLimitStore(counted, "contract",
				JdbcRateLimitStore.DEFAULT_TABLE_PREFIX)) {
			for (RateRule rule : RateLimitStoreContract.rules()) {
				RateQuery query = RateLimitStoreContract.query(rule, name);
				store.take(query, TIMEOUT);
				counted.sent().clear();
				store.take(query, TIMEOUT);
				if (RateStatements.canDecide(query)) {
					assertThat(counted.sent()).as("%s", rule).containsExactly(deciding);
				}
				else {
					assertThat(counted.sent()).as("%s", rule).startsWith("BEGIN", "SELECT").hasSizeBetween(3, 4);
				}
				counted.sent().clear();
				store.peek(query, TIMEOUT);
				assertThat(counted.sent()).containsExactly("SELECT");
			}
		}
	}

}
