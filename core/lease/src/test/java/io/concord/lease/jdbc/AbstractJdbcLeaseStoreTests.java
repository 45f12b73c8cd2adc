package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import javax.sql.DataSource;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.StoreDecorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The contract, and what every database must do beyond it, on one of them.
 */
public abstract class AbstractJdbcLeaseStoreTests extends LeaseStoreContract {

	protected static final String NAMESPACE = "contract";

	/** Connections that are there when a test begins. */
	private static final int READY = 3;

	/** The clock of the test, in a table. */
	private static final String CLOCK = "(SELECT c.us FROM test_clock c)";

	protected HikariDataSource dataSource;

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	private long shownTime = Long.MIN_VALUE;

	/**
	 * Describes connections to a database of the test class, which may hold what an
	 * earlier test has left.
	 */
	protected abstract HikariConfig connections();

	/** First words of the statements that claim and renew. */
	protected abstract String claims();

	protected abstract String renews();

	/** Puts a session into another time zone. */
	protected abstract String setTimeZone();

	/** Lets a session wait long for a lock. */
	protected abstract String waitLongForLocks();

	/** What makes up the store that is tested. */
	protected JdbcLeaseStore.Builder builder(DataSource source) {
		return JdbcLeaseStore.builder(source).namespace(NAMESPACE);
	}

	@BeforeEach
	protected final void createTables() throws SQLException {
		this.dataSource = pool((config) -> config.setMinimumIdle(READY));
		// To connect can take longer than a store may, if the machine has much to do.
		await(() -> this.dataSource.getHikariPoolMXBean().getIdleConnections() >= READY);
		JdbcTables.createEmpty(this.dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX);
		try (Connection connection = this.dataSource.getConnection()) {
			execute(connection, "CREATE TABLE IF NOT EXISTS test_clock (us BIGINT NOT NULL)");
			execute(connection, "DELETE FROM test_clock");
			execute(connection, "INSERT INTO test_clock VALUES (0)");
		}
		this.log.start();
		concordLogger().addAppender(this.log);
	}

	@AfterEach
	protected final void disconnect() throws Exception {
		closeAll();
		this.dataSource.close();
		concordLogger().detachAppender(this.log);
	}

	@Override
	protected LeaseStore newStore() {
		return builder(this.dataSource).build();
	}

	@Override
	protected LeaseStore newStoreOnFakeTime() {
		return onFakeTime(builder(this.dataSource));
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 40;
	}

	private LeaseStore onFakeTime(JdbcLeaseStore.Builder builder) {
		return new ClockedStore(builder.now(CLOCK).build());
	}

	@Override
	protected StoreCapabilities expectedCapabilities() {
		return new StoreCapabilities(true, true, true, false, Duration.ofMillis(1));
	}

	@Override
	protected long countStored() {
		return query("SELECT (SELECT COUNT(*) FROM concord_lease WHERE res NOT LIKE '%#f%')"
				+ " + (SELECT COUNT(*) FROM concord_lease_waiter) + (SELECT COUNT(*) FROM concord_lease_holder)");
	}

	@Override
	protected void passRetention(LeaseStore store) {
		this.time.pass(Duration.ofDays(1));
		store.sweep(TIMEOUT);
		store.sweep(TIMEOUT);
	}

	// What it costs

	@Test
	void claimsRenewsAndReleasesWithOneAutocommitStatementEach() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		token(store.claim(claim("a"), TIMEOUT));
		assertThat(counting.sent).containsExactly(claims());
		counting.sent.clear();
		token(store.refresh(impatient("a"), TIMEOUT));
		assertThat(counting.sent).containsExactly(renews());
		counting.sent.clear();
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
		assertThat(counting.sent).containsExactly("UPDATE");
		counting.sent.clear();
		token(store.claim(impatient("b"), TIMEOUT));
		assertThat(counting.sent).containsExactly(claims());
	}

	@Test
	void refusesWithTwoStatements() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		token(store.claim(claim("a"), TIMEOUT));
		store.claim(claim("w"), TIMEOUT);
		counting.sent.clear();
		assertThat(store.claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(counting.sent).containsExactly(claims(), "SELECT");
	}

	@Test
	void looksWithOneStatementAndHandsOverInOneShortTransaction() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		store.claim(patient("a"), TIMEOUT);
		for (int i = 0; i < 50; i++) {
			store.claim(patient("w" + i), TIMEOUT);
		}
		counting.sent.clear();
		assertThat(store.refresh(patient("w0"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
		assertThat(counting.sent).containsExactly("SELECT");
		counting.sent.clear();
		assertThat(store.release(patient("a"), Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo("engine-w0");
		assertThat(counting.sent).containsExactly("UPDATE", "BEGIN", "SELECT", "SELECT", "DELETE", "UPDATE", "COMMIT");
		counting.sent.clear();
		token(store.refresh(patient("w0"), TIMEOUT));
		assertThat(counting.sent).containsExactly("SELECT", renews());
	}

	/**
	 * So much that fifty claims on a machine with much to do don't use up a third of it.
	 */
	private Claim patient(String owner) {
		return new Claim(resource(), "engine-" + owner, 1, Duration.ofMinutes(5), Duration.ofMinutes(5));
	}

	@Test
	void renewsPatienceOnlyWhenAThirdOfItIsGone() {
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore store = warm(counting);
		Claim waiter = new Claim(resource(), "engine-w", 1, Duration.ofSeconds(30), Duration.ofMillis(600));
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
		LeaseStore store = closing(builder(this.dataSource).pollInterval(Duration.ofMillis(7)).build());
		store.claim(claim("a"), TIMEOUT);
		for (int i = 0; i < 5; i++) {
			assertThat(store.claim(claim("w" + i), TIMEOUT))
				.isEqualTo(new ClaimAnswer.Waiting(i, Duration.ofMillis(7 * (i + 1))));
		}
		assertThat(store.refresh(claim("w4"), TIMEOUT)).isEqualTo(new ClaimAnswer.Waiting(4, Duration.ofMillis(35)));
	}

	// What the connections may be like

	@Test
	void worksOnAPoolWithoutAutocommitAndLeavesItsConnectionsAsTheyWere() throws SQLException {
		try (HikariDataSource manual = pool((config) -> {
			config.setMaximumPoolSize(1);
			config.setAutoCommit(false);
			config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
		})) {
			LeaseStore store = closing(builder(manual).build());
			token(store.claim(claim("a"), TIMEOUT));
			store.claim(claim("b"), TIMEOUT);
			assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).held()).isTrue();
			token(store().refresh(claim("b"), TIMEOUT));
			try (Connection connection = manual.getConnection()) {
				assertThat(connection.getAutoCommit()).isFalse();
				assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
				assertThat(connection.getNetworkTimeout()).isZero();
			}
			store.close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ" })
	void grantsInOrderUnderContentionAndLogsNothing(String isolation) throws Exception {
		int threads = 10;
		int turns = 8;
		AtomicLong last = new AtomicLong();
		AtomicInteger inside = new AtomicInteger();
		try (HikariDataSource pool = pool((config) -> config.setTransactionIsolation(isolation))) {
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				LeaseEngine engine = patientEngine(closing(builder(pool).build()));
				work.add(() -> {
					for (int turn = 0; turn < turns; turn++) {
						Lease lease = engine
							.acquire(LeaseRequest.exclusive(resource(), Duration.ofSeconds(60), Duration.ofSeconds(30)))
							.orElseThrow();
						assertThat(inside.incrementAndGet()).isOne();
						assertThat(last.getAndSet(lease.token())).isLessThan(lease.token());
						assertThat(inside.decrementAndGet()).isZero();
						assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
					}
					return null;
				});
			}
			inParallel(work);
			closeAll();
		}
		assertThat(logged()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ", "TRANSACTION_SERIALIZABLE" })
	void claimsOfOneNameAtOnceAreGrantedToOneOnly(String isolation) throws Exception {
		try (HikariDataSource pool = pool((config) -> config.setTransactionIsolation(isolation))) {
			LeaseStore[] stores = { closing(builder(pool).build()), closing(builder(pool).build()) };
			for (int round = 0; round < 30; round++) {
				String name = resource() + "-" + round;
				AtomicInteger granted = new AtomicInteger();
				List<Callable<Void>> work = new ArrayList<>();
				for (int i = 0; i < 8; i++) {
					LeaseStore store = stores[i % 2];
					// Half of them wait, so that some join the line and others go past
					// it.
					Claim claim = new Claim(name, "engine-" + round + "." + i, 1, Duration.ofSeconds(30),
							(i < 4) ? Duration.ofSeconds(30) : Duration.ZERO);
					work.add(() -> {
						ClaimAnswer answer = store.claim(claim, TIMEOUT);
						if (answer instanceof ClaimAnswer.Granted) {
							granted.incrementAndGet();
						}
						return null;
					});
				}
				inParallel(work);
				assertThat(granted).hasValue(1);
				assertThat(query("SELECT waiters FROM concord_lease WHERE res = '" + NAMESPACE + "/" + name + "'"))
					.isEqualTo(query(
							"SELECT COUNT(*) FROM concord_lease_waiter WHERE res = '" + NAMESPACE + "/" + name + "'"));
			}
			closeAll();
		}
		assertThat(logged()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ" })
	void sweepsWhileNamesComeAndGo(String isolation) throws Exception {
		try (HikariDataSource pool = pool((config) -> config.setTransactionIsolation(isolation))) {
			LeaseStore[] stores = new LeaseStore[4];
			for (int i = 0; i < 4; i++) {
				stores[i] = closing(builder(pool).retention(Duration.ofMillis(1)).build());
			}
			AtomicLong[] last = new AtomicLong[20];
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				last[i] = new AtomicLong();
			}
			for (int i = 0; i < 4; i++) {
				int number = i;
				work.add(() -> {
					for (int turn = 0; turn < 60; turn++) {
						if (number == 0) {
							stores[0].sweep(TIMEOUT);
							continue;
						}
						int name = (turn * 7 + number) % 20;
						Claim claim = new Claim(resource() + "-" + name, "engine-" + number + "." + turn, 1,
								Duration.ofSeconds(30), Duration.ZERO);
						if (stores[number].claim(claim, TIMEOUT) instanceof ClaimAnswer.Granted granted) {
							assertThat(last[name].getAndSet(granted.token())).isLessThan(granted.token());
							assertThat(stores[number].release(claim, Duration.ZERO, TIMEOUT).held()).isTrue();
						}
					}
					return null;
				});
			}
			inParallel(work);
			await(() -> {
				stores[0].sweep(TIMEOUT);
				return countStored() == 0;
			});
			closeAll();
		}
		assertThat(logged()).isEmpty();
	}

	@Test
	void timeIsThatOfUtcWhateverTheSessionsZone() {
		try (HikariDataSource abroad = pool((config) -> config.setConnectionInitSql(setTimeZone()))) {
			LeaseStore store = closing(builder(abroad).build());
			long token = token(store.claim(claim("a"), TIMEOUT));
			assertThat(Duration.ofMillis(token / 1_000 - System.currentTimeMillis()).abs())
				.isLessThan(Duration.ofMinutes(10));
			assertThat(store().claim(impatient("b"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
			assertThat(query("SELECT until_us - touched_us FROM concord_lease WHERE owner = 'engine-a'"))
				.isEqualTo(30_000_000L);
			store.close();
		}
	}

	@Test
	void ownersDifferByCase() {
		LeaseStore store = store();
		long token = token(store.claim(claim("aB"), TIMEOUT));
		assertThat(store.claim(impatient("ab"), TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(store.refresh(impatient("Ab"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.release(claim("AB"), Duration.ZERO, TIMEOUT)).isEqualTo(new ReleaseAnswer(false, null));
		store.claim(claim("ab"), TIMEOUT);
		assertThat(store.refresh(claim("Ab"), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		assertThat(store.claim(claim("Ab"), TIMEOUT)).isInstanceOfSatisfying(ClaimAnswer.Waiting.class,
				(waiting) -> assertThat(waiting.ahead()).isOne());
		assertThat(token(store.refresh(impatient("aB"), TIMEOUT))).isEqualTo(token);
	}

	// Pools

	@Test
	void poolWithoutAConnectionToGiveFailsInTimeForCertain() throws SQLException {
		try (HikariDataSource small = pool((config) -> config.setMaximumPoolSize(1))) {
			LeaseStore store = closing(builder(small).notifications(false).build());
			try (Connection taken = small.getConnection()) {
				assertThat(taken.isValid(1)).isTrue();
				assertThatExceptionOfType(LeaseStoreException.class)
					.isThrownBy(() -> store.claim(claim("a"), Duration.ofMillis(100)))
					.isNotInstanceOf(LeaseOutcomeUnknownException.class)
					.withMessageContaining("pool is too small")
					.withMessageContaining("Give the pool more connections");
			}
			token(store.claim(impatient("b"), TIMEOUT));
			store.close();
		}
	}

	@Test
	void hundredThreadsShareAPoolOfTwo() throws Exception {
		try (HikariDataSource small = pool((config) -> config.setMaximumPoolSize(2))) {
			LeaseEngine engine = patientEngine(closing(builder(small).notifications(false).build()));
			LeaseEngine other = patientEngine(closing(builder(small).notifications(false).build()));
			AtomicInteger inside = new AtomicInteger();
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				LeaseEngine one = (i % 2 == 0) ? engine : other;
				work.add(() -> {
					Lease lease = one
						.acquire(LeaseRequest.exclusive(resource(), Duration.ofSeconds(60), Duration.ofSeconds(30)))
						.orElseThrow();
					assertThat(inside.incrementAndGet()).isOne();
					try (Connection connection = small.getConnection()) {
						execute(connection, "SELECT 1");
					}
					inside.decrementAndGet();
					assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
					return null;
				});
			}
			inParallel(work);
			closeAll();
		}
	}

	@Test
	void hundredThreadsInTransactionsOfTheirOwnOnAPoolOfTwoFailClearlyAndInTime() throws Exception {
		try (HikariDataSource small = pool((config) -> config.setMaximumPoolSize(2))) {
			LeaseEngine engine = closing(LeaseEngine.builder(closing(builder(small).notifications(false).build()))
				.storeTimeout(Duration.ofMillis(60))
				.shutdownTimeout(Duration.ZERO)
				.build());
			AtomicInteger refused = new AtomicInteger();
			AtomicInteger late = new AtomicInteger();
			AtomicInteger done = new AtomicInteger();
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				String name = resource() + "-" + i;
				work.add(() -> {
					try (Connection connection = small.getConnection()) {
						connection.setAutoCommit(false);
						execute(connection, "SELECT 1");
						long begin = System.nanoTime();
						try {
							engine.acquire(LeaseRequest.exclusive(name, Duration.ZERO, Duration.ofSeconds(30)))
								.orElseThrow();
							done.incrementAndGet();
						}
						catch (LeaseOutcomeUnknownException ex) {
							// Got a connection at the last moment.
							late.incrementAndGet();
						}
						catch (LeaseStoreException ex) {
							boolean within = String.valueOf(ex.getMessage()).contains("pool is too small");
							(within ? refused : late).incrementAndGet();
							// The latter had a connection at the last moment.
							assertThat(ex.getMessage()).containsAnyOf("pool is too small",
									"time for the call was over");
						}
						assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
						connection.rollback();
					}
					return null;
				});
			}
			inParallel(work);
			assertThat(refused.get() + late.get() + done.get()).isEqualTo(100);
			assertThat(refused).hasPositiveValue();
			engine.acquire(LeaseRequest.exclusive(resource(), Duration.ZERO, Duration.ofSeconds(30)))
				.orElseThrow()
				.release();
			await(() -> small.getHikariPoolMXBean().getActiveConnections() == 0);
			closeAll();
		}
	}

	// Failures

	@Test
	void databaseThatHangsIsAnUnknownOutcomeInTimeAndBlocksNobodyAfterwards() throws Exception {
		LeaseEngine engine = engine(closing(builder(this.dataSource).notifications(false).build()));
		engine.acquire(request(Duration.ZERO)).orElseThrow().release();
		try (Connection connection = this.dataSource.getConnection()) {
			connection.setAutoCommit(false);
			execute(connection, waitLongForLocks());
			execute(connection, "SELECT * FROM concord_lease FOR UPDATE");
			long begin = System.nanoTime();
			assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> engine.acquire(request(Duration.ZERO)));
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
			// What waits for the lock is cancelled, and its connection is back.
			engine.close();
			await(() -> this.dataSource.getHikariPoolMXBean().getActiveConnections() == 1);
			connection.rollback();
		}
		engine(store()).acquire(request(Duration.ofSeconds(60))).orElseThrow().release();
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
		LeaseStore store = closing(builder(this.dataSource).tablePrefix("missing_").build());
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("a"), TIMEOUT))
			.isNotInstanceOf(LeaseOutcomeUnknownException.class)
			.withMessageContaining(JdbcLeaseStore.schemaLocation(this.dataSource))
			.withMessageContaining("concord.jdbc.initialize-schema");
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, 2 })
	void refusesTablesOfAnotherFormat(long format) throws SQLException {
		store().claim(claim("a"), TIMEOUT);
		try (Connection connection = this.dataSource.getConnection()) {
			execute(connection, "UPDATE concord_lease SET token = " + format + " WHERE res = '#format'");
		}
		LeaseStore store = store();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b"), TIMEOUT))
			.isNotInstanceOf(LeaseOutcomeUnknownException.class)
			.withMessageContaining("format " + format)
			.withMessageContaining("another table prefix");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.refresh(claim("a"), TIMEOUT))
			.withMessageContaining("format " + format);
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> store.release(claim("a"), Duration.ZERO, TIMEOUT))
			.withMessageContaining("format " + format);
		assertThat(query("SELECT COUNT(*) FROM concord_lease WHERE owner = 'engine-a'")).isOne();
	}

	// Names and tables

	@Test
	void usesTheTablesOfItsPrefix() throws SQLException {
		JdbcTables.createEmpty(this.dataSource, "my_");
		LeaseStore store = closing(builder(this.dataSource).tablePrefix("my_").build());
		token(store.claim(claim("a"), TIMEOUT));
		token(store().claim(claim("a"), TIMEOUT));
		assertThat(query("SELECT COUNT(*) FROM my_lease WHERE owner = 'engine-a'")).isOne();
	}

	@Test
	void namespacesDoNotMeet() {
		LeaseStore other = closing(JdbcLeaseStore.builder(this.dataSource).namespace("other").build());
		token(store().claim(claim("a"), TIMEOUT));
		token(other.claim(claim("b"), TIMEOUT));
	}

	@Test
	void sweepsItsOwnIdleNamesOnly() {
		LeaseStore other = closing(onFakeTime(builder(this.dataSource).namespace(NAMESPACE + "2")));
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
		LeaseStore store = closing(onFakeTime(builder(this.dataSource).retention(Duration.ofHours(3))));
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

	// What the tests are made of

	/** A pool that the test closes. */
	protected final HikariDataSource pool(Consumer<HikariConfig> change) {
		HikariConfig config = connections();
		config.setMaximumPoolSize(30);
		config.setMinimumIdle(1);
		change.accept(config);
		return new HikariDataSource(config);
	}

	protected final long query(String sql) {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	protected static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** A store that has done once what is done only once. */
	protected final LeaseStore warm(DataSource source) {
		LeaseStore store = closing(builder(source).build());
		store.release(claim("nobody"), Duration.ZERO, TIMEOUT);
		if (source instanceof CountingDataSource counting) {
			counting.sent.clear();
		}
		return store;
	}

	/** An engine that bears a slow machine. */
	protected final LeaseEngine patientEngine(LeaseStore store) {
		return closing(LeaseEngine.builder(store)
			.storeTimeout(Duration.ofSeconds(10))
			.shutdownTimeout(Duration.ofSeconds(1))
			.build());
	}

	protected static void inParallel(List<Callable<Void>> work) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(work.size());
		try {
			List<Future<Void>> results = new ArrayList<>();
			for (Callable<Void> task : work) {
				results.add(threads.submit(task));
			}
			for (Future<Void> result : results) {
				result.get(90, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	/** What Concord has logged from INFO on. */
	protected final List<String> logged() {
		return List.copyOf(this.log.list)
			.stream()
			.filter((event) -> event.getLevel().isGreaterOrEqual(Level.INFO))
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	private static Logger concordLogger() {
		return (Logger) LoggerFactory.getLogger("io.concord");
	}

	/** Shows the clock of the test to the database before every call. */
	private final class ClockedStore extends StoreDecorator {

		ClockedStore(LeaseStore delegate) {
			super(delegate);
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			showTime();
			return super.claim(claim, timeout);
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			showTime();
			return super.refresh(claim, timeout);
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			showTime();
			return super.release(claim, bar, timeout);
		}

		@Override
		public Optional<ResourceState> inspect(String resource, Duration timeout) {
			showTime();
			return super.inspect(resource, timeout);
		}

		@Override
		public ReleaseAnswer releaseByForce(String resource, ResourceState.Holder holder, Duration timeout) {
			showTime();
			return super.releaseByForce(resource, holder, timeout);
		}

		@Override
		public void sweep(Duration timeout) {
			showTime();
			super.sweep(timeout);
		}

		private void showTime() {
			long now = AbstractJdbcLeaseStoreTests.this.time.micros();
			if (now != AbstractJdbcLeaseStoreTests.this.shownTime) {
				try (Connection connection = AbstractJdbcLeaseStoreTests.this.dataSource.getConnection()) {
					execute(connection, "UPDATE test_clock SET us = " + now);
				}
				catch (SQLException ex) {
					throw new IllegalStateException(ex);
				}
				AbstractJdbcLeaseStoreTests.this.shownTime = now;
			}
		}

	}

}
