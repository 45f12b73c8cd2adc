package io.concord.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * The contract on H2.
 */
public class JdbcLeaseStoreTests extends LeaseStoreContract {

	private static final AtomicInteger databases = new AtomicInteger();

	private final String database = "contract" + databases.incrementAndGet();

	private HikariDataSource dataSource;

	@BeforeEach
	void createDatabase() throws SQLException, IOException {
		Clocks.clocks.put(this.database, this.time::micros);
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:" + this.database);
		config.setMaximumPoolSize(10);
		this.dataSource = new HikariDataSource(config);
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement();
				InputStream schema = getClass().getClassLoader()
					.getResourceAsStream(JdbcLeaseStore.schemaLocation(this.dataSource))) {
			statement.execute(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
			statement.execute("CREATE ALIAS test_now FOR '" + Clocks.class.getName() + ".now'");
		}
	}

	@AfterEach
	void dropDatabase() {
		this.dataSource.close();
		Clocks.clocks.remove(this.database);
	}

	@Override
	protected LeaseStore newStore() {
		return JdbcLeaseStore.builder(this.dataSource).namespace("contract").build();
	}

	@Override
	protected LeaseStore newStoreOnFakeTime() {
		return JdbcLeaseStore.builder(this.dataSource)
			.namespace("contract")
			.now("test_now('" + this.database + "')")
			.build();
	}

	@Override
	protected long countStored() {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement
					.executeQuery("SELECT (SELECT COUNT(*) FROM concord_lease WHERE res NOT LIKE '%#f%')"
							+ " + (SELECT COUNT(*) FROM concord_lease_waiter) + (SELECT COUNT(*) FROM concord_lease_holder)")) {
			rows.next();
			return rows.getLong(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	protected void passRetention(LeaseStore store) {
		this.time.pass(Duration.ofDays(1));
		store.sweep(TIMEOUT);
		store.sweep(TIMEOUT);
	}

	@Test
	void claimsRenewsAndReleasesWithOneAutocommitStatementEach() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		token(store.claim(claim("a"), TIMEOUT));
		assertThat(counting.sent).containsExactly("SELECT");
		counting.sent.clear();
		token(store.refresh(impatient("a"), TIMEOUT));
		assertThat(counting.sent).containsExactly("SELECT");
		counting.sent.clear();
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
		assertThat(counting.sent).containsExactly("UPDATE");
		counting.sent.clear();
		token(store.claim(impatient("b"), TIMEOUT));
		assertThat(counting.sent).containsExactly("SELECT");
	}

	@Test
	void refusesWithTwoStatements() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		token(store.claim(claim("a"), TIMEOUT));
		store.claim(claim("w"), TIMEOUT);
		counting.sent.clear();
		assertThat(store.claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(counting.sent).containsExactly("SELECT", "SELECT");
	}

	@Test
	void looksWithOneStatementAndHandsOverInOneShortTransaction() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		store.claim(claim("a"), TIMEOUT);
		for (int i = 0; i < 50; i++) {
			store.claim(claim("w" + i), TIMEOUT);
		}
		counting.sent.clear();
		assertThat(store.refresh(claim("w0"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(counting.sent).containsExactly("SELECT");
		counting.sent.clear();
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo("engine-w0");
		assertThat(counting.sent).containsExactly("UPDATE", "BEGIN", "SELECT", "SELECT", "DELETE", "UPDATE", "COMMIT");
		counting.sent.clear();
		token(store.refresh(claim("w0"), TIMEOUT));
		assertThat(counting.sent).containsExactly("SELECT", "SELECT");
	}

	@Test
	void renewsPatienceOnlyWhenAThirdOfItIsGone() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		Claim waiter = new Claim(resource(), "engine-w", 1, Duration.ofSeconds(30), Duration.ofMillis(300));
		store.claim(claim("a"), TIMEOUT);
		store.claim(waiter, TIMEOUT);
		await(() -> {
			counting.sent.clear();
			assertThat(store.refresh(waiter, TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
			return counting.sent.size() == 2;
		});
		assertThat(counting.sent).containsExactly("SELECT", "UPDATE");
	}

	@Test
	void firstInLineLooksAtThePollIntervalAndThoseBehindMoreRarely() {
		LeaseStore store = closing(JdbcLeaseStore.builder(this.dataSource)
			.pollInterval(Duration.ofMillis(7))
			.namespace("contract")
			.build());
		store.claim(claim("a"), TIMEOUT);
		for (int i = 0; i < 5; i++) {
			assertThat(store.claim(claim("w" + i), TIMEOUT))
				.isEqualTo(new ClaimAnswer.Waiting(i, Duration.ofMillis(7 * (i + 1))));
		}
		assertThat(store.refresh(claim("w4"), TIMEOUT)).isEqualTo(new ClaimAnswer.Waiting(4, Duration.ofMillis(35)));
	}

	@Test
	void worksOnAPoolWithoutAutocommitAndLeavesItsConnectionsAsTheyWere() throws SQLException {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:" + this.database);
		config.setMaximumPoolSize(1);
		config.setAutoCommit(false);
		config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
		try (HikariDataSource manual = new HikariDataSource(config)) {
			LeaseStore store = closing(JdbcLeaseStore.builder(manual).namespace("contract").build());
			token(store.claim(claim("a"), TIMEOUT));
			store.claim(claim("b"), TIMEOUT);
			assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
			token(store().refresh(claim("b"), TIMEOUT));
			try (Connection connection = manual.getConnection()) {
				assertThat(connection.getAutoCommit()).isFalse();
				assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
			}
		}
	}

	@Test
	void databaseThatHangsIsAnUnknownOutcomeInTimeAndBlocksNobodyAfterwards() throws Exception {
		LeaseEngine engine = engine(store());
		engine.acquire(request(Duration.ZERO)).orElseThrow().release();
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("SET LOCK_TIMEOUT 60000");
			statement.executeQuery("SELECT * FROM concord_lease FOR UPDATE").close();
			long begin = System.nanoTime();
			assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> engine.acquire(request(Duration.ZERO)));
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
			connection.rollback();
		}
		engine(store()).acquire(request(Duration.ofSeconds(60))).orElseThrow().release();
	}

	@Test
	void poolWithoutAConnectionToGiveFailsInTimeForCertain() throws SQLException {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:" + this.database);
		config.setMaximumPoolSize(1);
		try (HikariDataSource small = new HikariDataSource(config)) {
			LeaseStore store = closing(JdbcLeaseStore.builder(small).namespace("contract").build());
			try (Connection taken = small.getConnection()) {
				assertThat(taken.isValid(1)).isTrue();
				assertThatExceptionOfType(LeaseStoreException.class)
					.isThrownBy(() -> store.claim(claim("a"), Duration.ofMillis(100)))
					.isNotInstanceOf(LeaseOutcomeUnknownException.class)
					.withMessageContaining("connection pool is too small");
			}
			token(store.claim(impatient("b"), TIMEOUT));
		}
	}

	@Test
	void databaseThatIsGoneIsATypedError() {
		LeaseStore store = store();
		this.dataSource.close();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("a"), TIMEOUT))
			.isNotInstanceOf(LeaseOutcomeUnknownException.class)
			.withMessageContaining("No connection");
	}

	@Test
	void saysHowToCreateAMissingTable() {
		LeaseStore store = closing(
				JdbcLeaseStore.builder(this.dataSource).namespace("contract").tablePrefix("missing_").build());
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("a"), TIMEOUT))
			.withMessageContaining("schema-h2.sql")
			.withMessageContaining("concord.jdbc.initialize-schema");
	}

	@Test
	void usesTheTablesOfItsPrefix() throws SQLException {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE SCHEMA app");
			statement.execute("CREATE TABLE app.my_lease AS SELECT * FROM concord_lease");
			statement.execute("CREATE TABLE app.my_lease_waiter AS SELECT * FROM concord_lease_waiter");
		}
		LeaseStore store = closing(
				JdbcLeaseStore.builder(this.dataSource).namespace("contract").tablePrefix("app.my_").build());
		token(store.claim(claim("a"), TIMEOUT));
		token(store().claim(claim("a"), TIMEOUT));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "x; DROP TABLE y; --", "a.b.c", "1a", "a-b", "\"a\"", "täble_",
			"abcdefghijklmnopqrstuvwxyzabcdefgh" })
	void refusesATablePrefixThatIsNoIdentifier(String prefix) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> JdbcLeaseStore.builder(this.dataSource).tablePrefix(prefix))
			.withMessageContaining("'" + prefix + "'")
			.withMessageContaining("letters, digits and underscores");
	}

	@Test
	void refusesSettingsThatMakeNoSense() {
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(this.dataSource);
		assertThatIllegalArgumentException().isThrownBy(() -> builder.namespace("a/b")).withMessageContaining("'a/b'");
		assertThatIllegalArgumentException().isThrownBy(() -> builder.retention(Duration.ofDays(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.pollInterval(Duration.ZERO));
	}

	@Test
	void refusesADatabaseThatItDoesNotKnow() throws SQLException {
		DatabaseMetaData metaData = mock(DatabaseMetaData.class);
		given(metaData.getDatabaseProductName()).willReturn("Nonesuch");
		Connection connection = mock(Connection.class);
		given(connection.getMetaData()).willReturn(metaData);
		DataSource unknown = mock(DataSource.class);
		given(unknown.getConnection()).willReturn(connection);
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseStore.builder(unknown).build())
			.withMessageContaining("'Nonesuch'")
			.withMessageContaining("H2");
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseStore.schemaLocation(unknown));
	}

	@Test
	void refusesTablesOfAnotherFormat() throws SQLException {
		store().claim(claim("a"), TIMEOUT);
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement()) {
			assertThat(statement.executeUpdate("UPDATE concord_lease SET token = 2 WHERE res = '#format'")).isOne();
		}
		LeaseStore store = store();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b"), TIMEOUT))
			.withMessageContaining("format 2")
			.withMessageContaining("another table prefix");
	}

	@Test
	void namespacesDoNotMeet() {
		LeaseStore other = closing(JdbcLeaseStore.builder(this.dataSource).namespace("other").build());
		token(store().claim(claim("a"), TIMEOUT));
		token(other.claim(claim("b"), TIMEOUT));
	}

	@Test
	void sweepsItsOwnIdleNamesOnly() {
		LeaseStore other = closing(JdbcLeaseStore.builder(this.dataSource)
			.namespace("contract2")
			.now("test_now('" + this.database + "')")
			.build());
		LeaseStore store = closing(newStoreOnFakeTime());
		other.claim(claim("a"), TIMEOUT);
		other.release(claim("a"), Duration.ZERO, TIMEOUT);
		store.claim(claim("idle"), TIMEOUT);
		store.release(claim("idle"), Duration.ZERO, TIMEOUT);
		passRetention(store);
		assertThat(countStored()).isOne();
		passRetention(other);
		assertThat(countStored()).isZero();
	}

	@Test
	void keepsNamesUntilTheRetentionIsOver() {
		LeaseStore store = closing(JdbcLeaseStore.builder(this.dataSource)
			.namespace("contract")
			.retention(Duration.ofHours(3))
			.now("test_now('" + this.database + "')")
			.build());
		long token = token(store.claim(claim("a"), TIMEOUT));
		store.release(claim("a"), Duration.ZERO, TIMEOUT);
		this.time.pass(Duration.ofHours(3).minusMillis(1));
		store.sweep(TIMEOUT);
		store.sweep(TIMEOUT);
		assertThat(countStored()).isOne();
		this.time.pass(Duration.ofMillis(1));
		store.sweep(TIMEOUT);
		assertThat(countStored()).as("the floor has to be raised a sweep before").isOne();
		store.sweep(TIMEOUT);
		assertThat(countStored()).isZero();
		this.time.pass(Duration.ofDays(-9));
		assertThat(token(store.claim(claim("b"), TIMEOUT))).isGreaterThan(token);
	}

	@Test
	void doesNotShowAPasswordInTheUrl() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:secret" + this.database + ";USER=sa;PASSWORD=hidden");
		try (HikariDataSource secret = new HikariDataSource(config)) {
			LeaseStore store = closing(JdbcLeaseStore.builder(secret).build());
			assertThat(store.describe()).isEqualTo("jdbc (jdbc:h2:mem:secret" + this.database + ")");
		}
	}

	/** A store that has done once what is done only once. */
	private LeaseStore warm(CountingDataSource counting) {
		LeaseStore store = closing(JdbcLeaseStore.builder(counting).namespace("contract").build());
		store.release(claim("nobody"), Duration.ZERO, TIMEOUT);
		counting.sent.clear();
		return store;
	}

	/** The clocks of the databases, for their function TEST_NOW; public for H2. */
	public static final class Clocks {

		private static final Map<String, LongSupplier> clocks = new ConcurrentHashMap<>();

		private Clocks() {
		}

		public static long now(String database) {
			return Objects.requireNonNull(clocks.get(database)).getAsLong();
		}

	}

}
