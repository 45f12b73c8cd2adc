package io.concord.lease.jdbc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.test.Await;
import io.concord.test.jdbc.DatabaseServer;
import io.concord.test.jdbc.PrivateDatabaseServer;
import io.concord.test.net.TcpProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of leases when the database, or the way to it, fails.
 */
@Timeout(180)
abstract class AbstractDatabaseFaultsIT<S extends DatabaseServer & PrivateDatabaseServer> {

	private static final Duration TIMEOUT = Duration.ofMillis(500);

	private static final Duration IN_TIME = TIMEOUT.plusSeconds(1);

	/**
	 * Beyond the bound of any test: what a test waits for must not be the end of a lease.
	 */
	private static final Duration LONG_LEASE = Duration.ofMinutes(10);

	private static final Duration BOUND = Duration.ofSeconds(60);

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private String url;

	abstract S server();

	/** Sets what a driver has of its own. */
	void tune(HikariConfig config) {
	}

	@BeforeEach
	void createTables() throws Exception {
		this.url = server().createDatabase("faults");
		JdbcTables.createEmpty(connect(server().port()), JdbcLeaseStore.DEFAULT_TABLE_PREFIX);
	}

	@AfterEach
	void closeAll() throws Exception {
		server().resume();
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	@Test
	void lostAnswerToAClaimBlocksNobody() {
		TcpProxy proxy = proxy();
		LeaseEngine other = direct();
		LeaseEngine engine = engine(proxy.port());
		proxy.dropReplies();
		Await.failure(LeaseOutcomeUnknownException.class, IN_TIME, () -> engine.acquire(now("claim")));
		assertThat(proxy.droppedReplyBytes()).isPositive();
		proxy.pass();
		Lease next = other.acquire(waiting("claim")).orElseThrow();
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void lostAnswerToARenewalLosesNothing() {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(proxy.port());
		Lease lease = engine.acquire(LeaseRequest.exclusive("renewal", Duration.ZERO, Duration.ofSeconds(6)))
			.orElseThrow();
		proxy.dropReplies();
		Await.until("a reply was lost", BOUND, () -> proxy.droppedReplyBytes() > 0);
		proxy.pass();
		Duration left = lease.remaining();
		Await.until("it is renewed", BOUND, () -> lease.remaining().compareTo(left) > 0);
		assertThat(direct().acquire(now("renewal"))).isEmpty();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void lostAnswerToAReleaseFreesAllTheSame() {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(proxy.port());
		Lease lease = engine.acquire(now("release")).orElseThrow();
		proxy.dropReplies();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.UNCONFIRMED);
		proxy.pass();
		Lease next = direct().acquire(waiting("release")).orElseThrow();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void lostAnswerToAHandOverIsUnknownAndHandsOverOnce() {
		TcpProxy proxy = proxy();
		LeaseStore lossy = store(proxy.port());
		LeaseStore direct = store(server().port());
		Claim holder = new Claim("hand-over", "engine-a", 1, LONG_LEASE, Duration.ZERO);
		Claim waiter = new Claim("hand-over", "engine-b", 1, LONG_LEASE, LONG_LEASE);
		lossy.claim(holder, BOUND);
		direct.claim(waiter, BOUND);
		proxy.dropReplies();
		Await.failure(LeaseOutcomeUnknownException.class, IN_TIME, () -> lossy.release(holder, Duration.ZERO, TIMEOUT));
		proxy.pass();
		Await.until("it is released", BOUND, () -> {
			lossy.release(holder, Duration.ZERO, BOUND);
			return direct.refresh(waiter, BOUND) instanceof ClaimAnswer.Granted;
		});
		assertThat(direct.release(holder, Duration.ZERO, BOUND).held()).isFalse();
		assertThat(direct.release(waiter, Duration.ZERO, BOUND).held()).isTrue();
	}

	@Test
	void claimThatArrivesAfterItsReleaseHoldsNothing() {
		TcpProxy proxy = proxy();
		LeaseStore late = store(proxy.port());
		LeaseStore direct = store(server().port());
		Claim claim = new Claim("late", "engine-late", 1, LONG_LEASE, Duration.ZERO);
		proxy.blackhole();
		Await.failure(LeaseStoreException.class, IN_TIME, () -> late.claim(claim, TIMEOUT));
		assertThat(direct.release(claim, BOUND, BOUND)).isEqualTo(new ReleaseAnswer(false, null));
		proxy.pass();
		assertThat(direct.claim(claim, BOUND)).isInstanceOf(ClaimAnswer.Gone.class);
		Claim next = new Claim("late", "engine-next", 1, LONG_LEASE, Duration.ZERO);
		assertThat(direct.claim(next, BOUND)).isInstanceOf(ClaimAnswer.Granted.class);
	}

	@Test
	void connectionThatHangsIsFreedAndNotUsedAgain() {
		TcpProxy proxy = proxy();
		HikariDataSource pool = connect(proxy.port());
		LeaseStore store = store(pool);
		Claim claim = new Claim("hangs", "engine-1", 1, LONG_LEASE, Duration.ZERO);
		store.claim(claim, BOUND);
		proxy.blackhole();
		Await.failure(LeaseOutcomeUnknownException.class, IN_TIME, () -> store.refresh(claim, TIMEOUT));
		Await.until("its connection is freed", BOUND, () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
		proxy.pass();
		Await.until("the database is back", BOUND,
				() -> answers(() -> store.refresh(claim, TIMEOUT) instanceof ClaimAnswer.Granted));
		assertThat(store.release(claim, Duration.ZERO, BOUND).held()).isTrue();
	}

	@Test
	void stoppedServerIsATypedErrorInTime() {
		LeaseEngine engine = engine(server().port());
		server().pause();
		for (int i = 0; i < 3; i++) {
			Await.failure(LeaseStoreException.class, IN_TIME, () -> engine.acquire(now("stopped")));
		}
		server().resume();
		Await.until("the database is back", BOUND, () -> isFree(engine, "stopped"));
	}

	@Test
	void serverThatRefusesIsATypedErrorInTime() {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(proxy.port());
		proxy.refuse();
		for (int i = 0; i < 3; i++) {
			Await.failure(LeaseStoreException.class, IN_TIME, () -> engine.acquire(now("refused")));
		}
		proxy.pass();
		Await.until("the database is back", BOUND, () -> isFree(engine, "refused"));
	}

	@Test
	void leaseOutlivesAServerThatIsKilled() {
		LeaseEngine engine = engine(server().port());
		Lease lease = engine.acquire(LeaseRequest.exclusive("killed", Duration.ZERO, BOUND)).orElseThrow();
		server().kill();
		Await.failure(LeaseStoreException.class, IN_TIME, () -> engine.acquire(now("other")));
		server().restart();
		LeaseEngine other = direct();
		Await.until("the database is back", BOUND, () -> isFree(engine, "other"));
		assertThat(lease.isValid()).isTrue();
		assertThat(other.acquire(now("killed"))).isEmpty();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		Lease next = other.acquire(waiting("killed")).orElseThrow();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void holderThatIsCutOffKnowsBeforeAnotherHolds() throws Exception {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(proxy.port());
		LeaseEngine other = direct();
		Lease lease = engine.acquire(LeaseRequest.exclusive("cut", Duration.ZERO, Duration.ofMillis(1_500)))
			.orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		proxy.blackhole();
		Lease next = other.acquire(waiting("cut")).orElseThrow();
		assertThat(lease.isValid()).isFalse();
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(lost.get(BOUND.toMillis(), TimeUnit.MILLISECONDS)).contains("could not be renewed in time");
		proxy.pass();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void waiterBearsALossOfItsConnections() throws Exception {
		TcpProxy proxy = proxy();
		LeaseEngine waiter = engine(proxy.port());
		LeaseEngine holder = direct();
		Lease lease = holder.acquire(now("reset")).orElseThrow();
		CompletableFuture<Lease> waiting = CompletableFuture
			.supplyAsync(() -> waiter.acquire(waiting("reset")).orElseThrow());
		LeaseStore probe = store(server().port());
		Claim last = new Claim("reset", "probe-1", 1, LONG_LEASE, Duration.ofSeconds(1));
		Await.until("it stands in line", BOUND, () -> {
			ClaimAnswer answer = probe.claim(last, BOUND);
			probe.release(last, Duration.ZERO, BOUND);
			return answer instanceof ClaimAnswer.Waiting place && place.ahead() > 0;
		});
		proxy.reset();
		lease.release();
		assertThat(waiting.get(BOUND.toMillis(), TimeUnit.MILLISECONDS).release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	private static boolean isFree(LeaseEngine engine, String name) {
		return answers(() -> engine.acquire(now(name))
			.map((lease) -> lease.release() == ReleaseOutcome.RELEASED)
			.orElse(false));
	}

	private static boolean answers(Supplier<Boolean> call) {
		try {
			return call.get();
		}
		catch (LeaseStoreException ex) {
			return false;
		}
	}

	private static LeaseRequest now(String name) {
		return LeaseRequest.exclusive(name, Duration.ZERO, LONG_LEASE);
	}

	private static LeaseRequest waiting(String name) {
		return LeaseRequest.exclusive(name, BOUND, LONG_LEASE);
	}

	private TcpProxy proxy() {
		TcpProxy proxy = TcpProxy.to(server().host(), server().port());
		this.open.push(proxy);
		return proxy;
	}

	/** An engine that bears a slow machine. */
	private LeaseEngine direct() {
		return engine(server().port(), Duration.ofSeconds(10));
	}

	/**
	 * Has worked: to connect, or to ask a connection whether it still lives, can take
	 * longer than a store may, if the machine has much to do.
	 */
	private LeaseEngine engine(int port) {
		LeaseEngine engine = engine(port, TIMEOUT);
		Await.until("the database answers", BOUND, () -> isFree(engine, "warm-up"));
		return engine;
	}

	private LeaseEngine engine(int port, Duration timeout) {
		LeaseEngine engine = LeaseEngine.builder(store(port))
			.storeTimeout(timeout)
			.shutdownTimeout(Duration.ZERO)
			.build();
		this.open.push(engine);
		return engine;
	}

	private LeaseStore store(int port) {
		return store(connect(port));
	}

	private LeaseStore store(DataSource dataSource) {
		LeaseStore store = JdbcLeaseStore.builder(dataSource).namespace("faults").build();
		this.open.push(store);
		// What the first call does besides may take its time.
		store.release(new Claim("warm-up", "engine-warm", 1, LONG_LEASE, Duration.ZERO), Duration.ZERO, BOUND);
		return store;
	}

	private HikariDataSource connect(int port) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.url.replace(":" + server().port() + "/", ":" + port + "/"));
		config.setUsername(server().username());
		config.setPassword(server().password());
		config.setMaximumPoolSize(4);
		config.setMinimumIdle(1);
		config.setConnectionTimeout(2_000);
		config.setValidationTimeout(1_000);
		tune(config);
		HikariDataSource pool = new HikariDataSource(config);
		this.open.push(pool);
		return pool;
	}

}
