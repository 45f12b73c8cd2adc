package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.ReleaseAnswer;
import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@PostgresServerTest
class PostgresLeaseStoreIT extends AbstractDatabaseLeaseStoreIT {

	private static final Duration POLL = Duration.ofMillis(30);

	PostgresLeaseStoreIT(PostgresServer server) {
		super(server);
	}

	@Override
	protected StoreCapabilities expectedCapabilities() {
		return new StoreCapabilities(true, true, true, true, Duration.ofMillis(1));
	}

	@Override
	protected String setTimeZone() {
		return "SET TIME ZONE 'Asia/Tokyo'";
	}

	@Override
	protected String waitLongForLocks() {
		return "SET lock_timeout = 0";
	}

	@Test
	void tellsTheEngineOfAnOfferInTheTransactionThatMakesIt() {
		Queue<String> heard = new ConcurrentLinkedQueue<>();
		listening(heard);
		CountingDataSource counting = new CountingDataSource(this.dataSource);
		LeaseStore other = warm(counting);
		Claim holder = holder("other-1");
		token(other.claim(holder, TIMEOUT));
		other.claim(claim("b"), TIMEOUT);
		counting.sent.clear();
		assertThat(other.release(holder, Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo("engine-b");
		assertThat(counting.sent).containsExactly("UPDATE", "BEGIN", "SELECT", "SELECT", "DELETE", "UPDATE", "COMMIT");
		await(() -> heard.contains("engine-b"));
	}

	@Test
	void tellsAnEngineOfAllOffersThatItsOwnCallsMake() {
		Queue<String> heard = new ConcurrentLinkedQueue<>();
		LeaseStore store = listening(heard);
		token(store.claim(claim("writer"), TIMEOUT));
		for (String reader : List.of("r1", "r2", "r3")) {
			store.claim(shared(reader), TIMEOUT);
		}
		ReleaseAnswer answer = store.release(claim("writer"), Duration.ZERO, TIMEOUT);
		assertThat(answer.offeredTo()).isEqualTo("engine-r1");
		await(() -> heard.containsAll(List.of("engine-r2", "engine-r3")));
	}

	private Claim shared(String owner) {
		return new Claim(resource(), "engine-" + owner, Claim.SHARED, Duration.ofSeconds(30), Duration.ofSeconds(30));
	}

	@Test
	void waiterThatListensLooksMoreRarelyAndIsWokenAllTheSame() throws Exception {
		CountingStore counting = new CountingStore(builder(this.dataSource).pollInterval(POLL).build());
		LeaseEngine waiting = patientEngine(closing(counting));
		LeaseEngine holding = patientEngine(store());
		for (int i = 0; i < 3; i++) {
			Lease lease = holding.acquire(longLease(Duration.ZERO)).orElseThrow();
			CompletableFuture<Lease> next = CompletableFuture
				.supplyAsync(() -> waiting.acquire(longLease(Duration.ofSeconds(60))).orElseThrow());
			await(() -> query("SELECT COUNT(*) FROM concord_lease_waiter") == 1);
			lease.release();
			assertThat(next.get(60, TimeUnit.SECONDS).release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
		}
		assertThat(counting.claims).hasValue(3);
		assertThat(logged()).isEmpty();
	}

	@Test
	void waitersPollAsBeforeWhileTheConnectionThatListensIsLost() throws SQLException {
		Queue<String> heard = new ConcurrentLinkedQueue<>();
		LeaseStore store = listening(heard);
		Claim holder = holder("other-1");
		token(store.claim(holder, TIMEOUT));
		assertThat(lookAgain(store, "b")).isEqualTo(POLL.multipliedBy(JdbcLeaseStore.POLLS_SAVED));
		try (Connection connection = this.dataSource.getConnection()) {
			execute(connection,
					"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()");
		}
		await(() -> lookAgain(store, "b").equals(POLL));
		await(() -> !logged().isEmpty());
		assertThat(logged()).hasSize(1).allMatch((line) -> line.contains("look again by time alone"));
		await(() -> lookAgain(store, "b").equals(POLL.multipliedBy(JdbcLeaseStore.POLLS_SAVED)));
		store().release(holder, Duration.ZERO, TIMEOUT);
		await(() -> heard.contains("engine-b"));
	}

	@Test
	void closesPromptlyAndLeavesNoConnectionThatListens() {
		try (HikariDataSource pool = pool((config) -> {
		})) {
			LeaseStore store = builder(pool).build();
			store.listen("engine", (owner) -> {
			});
			await(() -> listeners() == 1);
			long begin = System.nanoTime();
			store.close();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
			await(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0 && listeners() == 0);
		}
		assertThat(logged()).isEmpty();
	}

	@Test
	void takesNoConnectionIfNotificationsAreSwitchedOff() {
		try (HikariDataSource pool = pool((config) -> config.setMaximumPoolSize(1))) {
			LeaseStore store = closing(builder(pool).notifications(false).pollInterval(POLL).build());
			store.listen("engine", (owner) -> {
			});
			token(store.claim(holder("other-1"), TIMEOUT));
			assertThat(lookAgain(store, "b")).isEqualTo(POLL);
			assertThat(store.release(holder("other-1"), Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo("engine-b");
			assertThat(listeners()).isZero();
			store.close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "engine with spaces-1", "engine\"quote-1",
			"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz-1" })
	void handsOverToEnginesWhoseNameCanBeNoChannel(String owner) {
		LeaseStore store = store();
		store.listen(Claim.engineOf(owner), (offered) -> {
		});
		token(store.claim(claim("a"), TIMEOUT));
		Claim waiter = new Claim(resource(), owner, 1, Duration.ofSeconds(30), Duration.ofSeconds(30));
		store.claim(waiter, TIMEOUT);
		assertThat(store.release(claim("a"), Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo(owner);
		token(store.refresh(waiter, TIMEOUT));
	}

	@Test
	void needsNoRightsButThoseToReadAndWriteItsTables() throws Exception {
		String user = "concord_limited";
		try (Connection owner = this.dataSource.getConnection()) {
			execute(owner, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
			execute(owner, "CREATE ROLE " + user + " LOGIN PASSWORD 'limited'");
			execute(owner, "GRANT SELECT, INSERT, UPDATE, DELETE"
					+ " ON concord_lease, concord_lease_waiter, concord_lease_holder TO " + user);
			try (HikariDataSource limited = pool((config) -> {
				config.setUsername(user);
				config.setPassword("limited");
			})) {
				try (Connection connection = limited.getConnection()) {
					assertThatExceptionOfType(SQLException.class)
						.isThrownBy(() -> execute(connection, "CREATE TABLE concord_other (id INT)"))
						.withMessageContaining("permission denied");
				}
				LeaseStore store = closing(builder(limited).pollInterval(POLL).build());
				store.listen("engine", (offered) -> {
				});
				await(() -> listeners() == 1);
				long first = token(store.claim(shared("a"), TIMEOUT));
				token(store.claim(shared("b"), TIMEOUT));
				assertThat(store.claim(claim("c"), TIMEOUT)).isInstanceOf(ClaimAnswer.Waiting.class);
				token(store.refresh(shared("a"), TIMEOUT));
				assertThat(store.inspect(resource(), TIMEOUT)).isPresent();
				store.release(shared("a"), Duration.ZERO, TIMEOUT);
				assertThat(store.release(shared("b"), Duration.ZERO, TIMEOUT).offeredTo()).isEqualTo("engine-c");
				assertThat(token(store.refresh(claim("c"), TIMEOUT))).isGreaterThan(first);
				assertThat(store.release(claim("c"), TIMEOUT, TIMEOUT).held()).isTrue();
				store.sweep(TIMEOUT);
				closeAll();
			}
			finally {
				execute(owner, "DROP OWNED BY " + user);
				execute(owner, "DROP ROLE " + user);
			}
		}
		assertThat(logged()).isEmpty();
	}

	/** Names of one table are ordered by bytes, whatever the order of the database. */
	@Test
	void sweepsByBytes() {
		assertThat(query("SELECT COUNT(*) FROM information_schema.columns WHERE table_name LIKE 'concord\\_lease%'"
				+ " AND column_name IN ('res', 'owner') AND collation_name <> 'C'"))
			.isZero();
	}

	private LeaseRequest longLease(Duration wait) {
		return LeaseRequest.exclusive(resource(), wait, Duration.ofSeconds(30));
	}

	private LeaseStore listening(Queue<String> heard) {
		LeaseStore store = closing(builder(this.dataSource).pollInterval(POLL).build());
		assertThat(store.capabilities().hints()).isTrue();
		store.listen("engine", heard::add);
		await(() -> listeners() == 1);
		return store;
	}

	private Duration lookAgain(LeaseStore store, String waiter) {
		return ((ClaimAnswer.Waiting) store.claim(claim(waiter), TIMEOUT)).lookAgain();
	}

	private Claim holder(String owner) {
		return new Claim(resource(), owner, 1, Duration.ofMinutes(10), Duration.ZERO);
	}

	private long listeners() {
		return query(
				"SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()");
	}

}
