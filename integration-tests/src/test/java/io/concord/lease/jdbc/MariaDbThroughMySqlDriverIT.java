package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.test.Await;
import io.concord.test.mariadb.MariaDbServer;
import io.concord.test.mariadb.MariaDbServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * MySQL's driver takes the server for one of its own, and gives it what MySQL would get.
 * What could differ is how the token comes back, which rows are counted, and how what
 * hangs is cancelled.
 */
@MariaDbServerTest
class MariaDbThroughMySqlDriverIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final MariaDbServer server;

	private HikariDataSource dataSource;

	private CountingDataSource counting;

	private LeaseStore store;

	MariaDbThroughMySqlDriverIT(MariaDbServer server) {
		this.server = server;
	}

	@BeforeEach
	void connect() throws SQLException {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.server.createDatabase("driver").replaceFirst("^jdbc:mariadb:", "jdbc:mysql:"));
		config.setUsername(this.server.username());
		config.setPassword(this.server.password());
		config.setMinimumIdle(1);
		this.dataSource = new HikariDataSource(config);
		JdbcTables.createEmpty(this.dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX);
		this.counting = new CountingDataSource(this.dataSource);
		this.store = JdbcLeaseStore.builder(this.counting).namespace("driver").build();
		this.store.release(claim("nobody", Duration.ZERO), Duration.ZERO, TIMEOUT);
		this.counting.sent.clear();
	}

	@AfterEach
	void disconnect() {
		this.store.close();
		this.dataSource.close();
	}

	@Test
	void claimsRenewsAndReleasesWithOneStatementEach() throws SQLException {
		Claim claim = claim("a", Duration.ZERO);
		ClaimAnswer granted = this.store.claim(claim, TIMEOUT);
		assertThat(this.counting.sent).containsExactly("INSERT");
		assertThat(granted).isEqualTo(new ClaimAnswer.Granted(token()));
		this.counting.sent.clear();
		assertThat(this.store.refresh(claim, TIMEOUT)).isEqualTo(granted);
		assertThat(this.counting.sent).containsExactly("UPDATE");
		assertThat(this.store.claim(claim, TIMEOUT)).isEqualTo(granted);
		this.counting.sent.clear();
		assertThat(this.store.release(claim, Duration.ZERO, TIMEOUT).held()).isTrue();
		assertThat(this.counting.sent).containsExactly("UPDATE");
		assertThat(this.store.refresh(claim, TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(this.store.claim(claim("b", Duration.ZERO), TIMEOUT)).isInstanceOfSatisfying(
				ClaimAnswer.Granted.class,
				(next) -> assertThat(next.token()).isGreaterThan(((ClaimAnswer.Granted) granted).token()));
	}

	@Test
	void refusesQueuesAndHandsOver() throws SQLException {
		Claim holder = claim("a", Duration.ZERO);
		Claim waiter = claim("w", TIMEOUT);
		this.store.claim(holder, TIMEOUT);
		assertThat(this.store.claim(claim("b", Duration.ZERO), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(this.store.claim(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(this.store.refresh(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(this.store.release(holder, Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo("engine-w");
		assertThat(this.store.claim(holder, TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(this.store.refresh(waiter, TIMEOUT)).isEqualTo(new ClaimAnswer.Granted(token()));
		this.store.sweep(TIMEOUT);
	}

	@Test
	void cancelsWhatWaitsForALock() throws SQLException {
		Claim claim = claim("a", Duration.ZERO);
		this.store.claim(claim, TIMEOUT);
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("SELECT * FROM concord_lease FOR UPDATE");
			assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
				.isThrownBy(() -> this.store.refresh(claim, Duration.ofMillis(300)));
			Await.until("its connection is back", TIMEOUT,
					() -> this.dataSource.getHikariPoolMXBean().getActiveConnections() == 1);
			connection.rollback();
		}
		assertThat(this.store.release(claim, Duration.ZERO, TIMEOUT).held()).isTrue();
	}

	private long token() throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery("SELECT token FROM concord_lease WHERE res = 'driver/demo'")) {
			rows.next();
			return rows.getLong(1);
		}
	}

	private static Claim claim(String owner, Duration patience) {
		return new Claim("demo", "engine-" + owner, 1, TIMEOUT, patience);
	}

}
