package io.concord.faults.planted;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.concord.faults.LockRules;
import io.concord.faults.Rules;
import io.concord.faults.planted.PlantedStores.Keyed;
import io.concord.faults.planted.PlantedStores.Rows;
import io.concord.faults.planted.PlantedStores.WaitsElsewhere;
import io.concord.faults.planted.PlantedStores.Watched;
import io.concord.faults.planted.PlantedStores.WithoutOwnerCheck;
import io.concord.lease.EngineClock;
import io.concord.lease.FakeTime;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.StoreDecorator;
import io.concord.lease.jdbc.JdbcLeaseStore;
import io.concord.lease.jdbc.JdbcTables;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.lease.local.LocalStoreClock;
import io.concord.lease.redis.RedisLeaseStore;
import io.concord.lease.zookeeper.ZooKeeperLeaseStore;
import io.concord.test.Await;
import io.concord.test.faults.FaultTable;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.net.TcpProxy;
import io.concord.test.postgres.PostgresServer;
import io.concord.test.postgres.PostgresServerTest;
import io.concord.test.redis.RedisReplication;
import io.concord.test.redis.RedisServer;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Shows that the rules bite: plays a scene for each bug, once with the bug and once with
 * what Concord has in its place, and judges both histories as those of the fault runs.
 * Scenes wait for what has to happen and not for time, so that a slow machine changes
 * nothing.
 */
@PostgresServerTest
@ZooKeeperTest
class PlantedBugsIT {

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final Duration LEASE = Duration.ofSeconds(1);

	private static final Duration LONG_LEASE = Duration.ofMinutes(10);

	private static final Set<Bug> found = EnumSet.noneOf(Bug.class);

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final PostgresServer postgres;

	private final ZooKeeperCluster zooKeeper;

	/** Of the scene that is played. */
	private Path directory;

	private int actors;

	PlantedBugsIT(PostgresServer postgres, ZooKeeperCluster zooKeeper) {
		this.postgres = postgres;
		this.zooKeeper = zooKeeper;
	}

	@AfterEach
	void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	@AfterAll
	static void tell() {
		FaultTable table = new FaultTable(
				Path.of(System.getProperty("faults.directory", "target/faults")).resolve("planted"));
		Map<String, String> cells = new LinkedHashMap<>();
		for (Bug bug : Bug.values()) {
			cells.put(bug.name().toLowerCase(Locale.ROOT).replace('_', ' '),
					found.contains(bug) ? bug.rule() : "NOT FOUND");
		}
		table.add("planted bug is found as", cells);
		System.out.println(table.toMarkdown());
	}

	@ParameterizedTest
	@EnumSource
	@Timeout(180)
	void isFound(Bug bug, @TempDir Path with, @TempDir Path without) throws Exception {
		assertThat(play(bug, false, without)).as("what is found without the bug").isEmpty();
		assertThat(play(bug, true, with)).as("what is found with the bug")
			.anyMatch((finding) -> finding.rule().startsWith(bug.rule()));
		found.add(bug);
	}

	private List<Finding> play(Bug bug, boolean planted, Path scene) throws Exception {
		this.directory = scene;
		this.actors = 0;
		switch (bug) {
			case RELEASE_WITHOUT_OWNER_CHECK -> releaseOfAStaleHolder(planted);
			case WAIT_ON_ANOTHER_CONNECTION -> failOverThatMissedAGrant(planted);
			case WALL_CLOCK_TTL -> clockThatIsAnHourAhead(planted);
			case DEADLINE_FROM_REPLY -> answerThatComesLate(planted);
			case TOKEN_RESTARTS_WITH_THE_LOCK -> lockThatIsTakenAgain(planted);
			case RENEWAL_DIES_ON_AN_EXCEPTION -> renewalThatFailsOnce(planted);
			case RECONNECTED_MEANS_STILL_HELD -> sessionThatEnds(planted);
			case INSERT_THEN_LOOK -> commitThatTakesItsTime(planted);
			case NOTIFICATION_TRUSTED -> notificationForNothing(planted);
			case UNKNOWN_CLAIM_REPORTED_AS_REFUSED -> answerThatIsLost(planted);
		}
		closeAll();
		return new LockRules(History.read(scene), Duration.ofSeconds(10), LEASE, LEASE.plusSeconds(1),
				Rules.Excuses.NONE)
			.findings();
	}

	private void releaseOfAStaleHolder(boolean planted) {
		Watched store = new Watched(planted ? new WithoutOwnerCheck(new LocalLeaseStore()) : new LocalLeaseStore());
		Actor stale = actor(Locker.of(engine(store), LEASE, false));
		Actor holder = actor(Locker.of(engine(store), LONG_LEASE, true));
		Actor third = actor(Locker.of(engine(store), LONG_LEASE, true));
		assertThat(stale.takes()).isTrue();
		Await.until("its lease ends", BOUND, () -> holder.takes());
		int releases = store.releases();
		stale.givesBack();
		Await.until("it is withdrawn", BOUND, () -> store.releases() > releases);
		third.takes();
		holder.looks();
		holder.givesBack();
		third.givesBack();
		third.probes(BOUND);
	}

	private void failOverThatMissedAGrant(boolean planted) {
		RedisReplication replication = closing(RedisReplication.start());
		LettuceConnectionFactory before = redis(replication.master());
		LettuceConnectionFactory after = redis(replication.replica());
		Actor holder = actor(Locker
			.of(patient(planted ? new WaitsElsewhere(new RedisLeaseStore(before, "planted"), replication.master())
					: new RedisLeaseStore(before, "planted", 1, Duration.ofMillis(200))), LONG_LEASE, true));
		Actor rival = actor(Locker.of(patient(new RedisLeaseStore(after, "planted")), LONG_LEASE, true));
		replication.link().blackhole();
		assertThat(holder.takes()).isEqualTo(planted);
		replication.master().kill();
		replication.promote();
		Await.until("the replica grants", BOUND, rival::takes);
		holder.looks();
		rival.givesBack();
		rival.probes(BOUND);
	}

	private void clockThatIsAnHourAhead(boolean planted) {
		LongSupplier ahead = () -> System.currentTimeMillis() + Duration.ofHours(1).toMillis();
		Rows rows = new Rows();
		LeaseStore sound = new LocalLeaseStore();
		Actor holder = actor(
				Locker.of(engine(planted ? new Keyed(rows, System::currentTimeMillis) : sound), LONG_LEASE, true));
		Actor rival = actor(
				Locker.of(closing(EngineClock.wall(builder(planted ? new Keyed(rows, ahead) : sound), ahead).build()),
						LONG_LEASE, true));
		assertThat(holder.takes()).isTrue();
		assertThat(rival.takes()).isEqualTo(planted);
		holder.looks();
		holder.givesBack();
		rival.givesBack();
		holder.probes(BOUND);
	}

	private void answerThatComesLate(boolean planted) {
		FakeTime time = new FakeTime();
		Watched store = new Watched(LocalStoreClock.storeOn(time));
		Actor holder = actor(planted ? new PlantedEngine(store, Bug.DEADLINE_FROM_REPLY, LEASE, time::nanos)
				: Locker.of(closing(EngineClock.deadlines(builder(store), time::nanos).build()), LEASE, false));
		Actor rival = actor(Locker.of(engine(store), LEASE, false));
		store.afterClaim(() -> {
			store.afterClaim(() -> {
			});
			time.pass(Duration.ofMillis(800));
		});
		assertThat(holder.takes()).isTrue();
		time.pass(Duration.ofMillis(300));
		assertThat(rival.takes()).as("the store's count is over").isTrue();
		holder.looks();
		rival.givesBack();
		rival.probes(BOUND);
	}

	private void lockThatIsTakenAgain(boolean planted) {
		LeaseStore store = planted ? new Keyed(new Rows(), System::currentTimeMillis) : new LocalLeaseStore();
		Actor first = actor(Locker.of(engine(store), LONG_LEASE, true));
		Actor second = actor(Locker.of(engine(store), LONG_LEASE, true));
		for (Actor actor : List.of(first, second)) {
			assertThat(actor.takes()).isTrue();
			actor.givesBack();
		}
		first.probes(BOUND);
	}

	private void renewalThatFailsOnce(boolean planted) {
		Watched store = new Watched(new LocalLeaseStore());
		AtomicBoolean failed = new AtomicBoolean();
		store.beforeRefresh(() -> {
			if (failed.compareAndSet(false, true)) {
				throw new LeaseStoreException("Once is enough");
			}
		});
		Actor holder = actor(
				planted ? new PlantedEngine(store, Bug.RENEWAL_DIES_ON_AN_EXCEPTION, LEASE, System::nanoTime)
						: Locker.of(engine(store), LEASE, true));
		Actor rival = actor(Locker.of(engine(store), LEASE, true));
		assertThat(holder.takes()).isTrue();
		Await.until("it is renewed, or another one has it", BOUND,
				() -> (failed.get() && store.refreshes() >= 3) || rival.takes());
		holder.looks();
		holder.givesBack();
		rival.givesBack();
		rival.probes(BOUND);
	}

	private void sessionThatEnds(boolean planted) throws Exception {
		String namespace = "planted-" + UUID.randomUUID();
		List<TcpProxy> network = this.zooKeeper.nodes()
			.stream()
			.map((node) -> closing(TcpProxy.to(node.host(), node.port())))
			.toList();
		CuratorFramework first = zooKeeper(
				network.stream().map((proxy) -> proxy.host() + ":" + proxy.port()).collect(Collectors.joining(",")));
		Actor holder = actor(zooKeeperLocker(planted, first, namespace));
		Actor rival = actor(zooKeeperLocker(planted, zooKeeper(this.zooKeeper.connectString()), namespace));
		Await.until("it is connected and takes it", BOUND, holder::takes);
		AtomicBoolean connected = new AtomicBoolean(true);
		first.getConnectionStateListenable().addListener((client, state) -> connected.set(state.isConnected()));
		network.forEach(TcpProxy::blackhole);
		Await.until("the session ends, and another one takes it", BOUND, rival::takes);
		Await.until("the first one knows that it is cut off", BOUND, () -> !connected.get());
		network.forEach(TcpProxy::pass);
		Await.until("it is connected again", BOUND, connected::get);
		holder.looks();
		rival.givesBack();
		rival.probes(BOUND);
	}

	private Locker zooKeeperLocker(boolean planted, CuratorFramework client, String namespace) {
		return planted ? new ReconnectingLocker(client, "/" + namespace)
				: Locker.of(patient(closing(new ZooKeeperLeaseStore(client, namespace, ZooKeeperCluster.TICK_TIME))),
						LONG_LEASE, true);
	}

	private void commitThatTakesItsTime(boolean planted) throws Exception {
		HikariDataSource dataSource = closing(new HikariDataSource());
		dataSource.setJdbcUrl(this.postgres.createDatabase("planted"));
		dataSource.setUsername(this.postgres.username());
		dataSource.setPassword(this.postgres.password());
		dataSource.setMaximumPoolSize(4);
		JdbcTables.createEmpty(dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX);
		InsertThenLookStore.create(dataSource);
		CountDownLatch inserted = new CountDownLatch(1);
		CountDownLatch granted = new CountDownLatch(1);
		Runnable slowly = () -> {
			inserted.countDown();
			await(granted);
		};
		Actor slow = actor(Locker.of(patient(closing(planted ? new InsertThenLookStore(dataSource, slowly)
				: JdbcLeaseStore.builder(dataSource).namespace("planted").build())), LONG_LEASE, true));
		Actor fast = actor(Locker.of(patient(closing(planted ? new InsertThenLookStore(dataSource, () -> {
		}) : JdbcLeaseStore.builder(dataSource).namespace("planted").build())), LONG_LEASE, true));
		CompletableFuture<Boolean> taking = CompletableFuture.supplyAsync(slow::takes);
		if (planted) {
			await(inserted);
		}
		boolean fastHas = fast.takes();
		granted.countDown();
		boolean slowHas = taking.get(BOUND.toSeconds(), TimeUnit.SECONDS);
		assertThat(fastHas || slowHas).isTrue();
		fast.looks();
		slow.looks();
		fast.givesBack();
		slow.givesBack();
		fast.probes(BOUND);
	}

	private void notificationForNothing(boolean planted) throws Exception {
		Watched store = new Watched(new LocalLeaseStore());
		Actor holder = actor(Locker.of(engine(new Quiet(store)), LONG_LEASE, true));
		Actor waiter = actor(planted ? new PlantedEngine(store, Bug.NOTIFICATION_TRUSTED, LONG_LEASE, System::nanoTime)
				: Locker.of(engine(store), LONG_LEASE, true));
		assertThat(holder.takes()).isTrue();
		CompletableFuture<Boolean> waiting = CompletableFuture
			.supplyAsync(() -> waiter.takes(planted ? BOUND : Duration.ofSeconds(2)));
		Await.until("it waits", BOUND, () -> store.inspect(Actor.KEY, BOUND).orElseThrow().waiters() > 0);
		BooleanSupplier told = () -> {
			store.hintFalsely();
			return waiting.isDone();
		};
		Await.until("it is told, and takes it or not", BOUND, told);
		assertThat(waiting.get()).isEqualTo(planted);
		holder.looks();
		holder.givesBack();
		waiter.givesBack();
		holder.probes(BOUND);
	}

	private void answerThatIsLost(boolean planted) {
		Watched store = new Watched(new LocalLeaseStore());
		AtomicBoolean lost = new AtomicBoolean();
		store.afterClaim(() -> {
			if (!planted || lost.compareAndSet(false, true)) {
				throw new LeaseOutcomeUnknownException("No answer", null);
			}
		});
		Actor first = actor(
				planted ? new PlantedEngine(store, Bug.UNKNOWN_CLAIM_REPORTED_AS_REFUSED, LONG_LEASE, System::nanoTime)
						: Locker.of(engine(store), LONG_LEASE, true));
		assertThat(first.takes()).isFalse();
		store.afterClaim(() -> {
		});
		// With the bug nothing is under way that another wait could be for.
		actor(Locker.of(engine(store), LONG_LEASE, true)).probes(planted ? LEASE : BOUND);
	}

	/**
	 * Passes calls on, and leaves the hints to another engine.
	 */
	private static final class Quiet extends StoreDecorator {

		Quiet(LeaseStore delegate) {
			super(delegate);
		}

		@Override
		public void listen(String engine, Consumer<String> offered) {
			// It never waits.
		}

	}

	private Actor actor(Locker locker) {
		return closing(new Actor(this.directory, ++this.actors, locker));
	}

	private LeaseEngine engine(LeaseStore store) {
		return closing(builder(store).build());
	}

	/** For servers, which may take their time to answer a machine that has much to do. */
	private LeaseEngine patient(LeaseStore store) {
		return closing(builder(store).storeTimeout(Duration.ofSeconds(8)).build());
	}

	private static LeaseEngine.Builder builder(LeaseStore store) {
		return LeaseEngine.builder(store).storeTimeout(Duration.ofMillis(500)).shutdownTimeout(Duration.ZERO);
	}

	private LettuceConnectionFactory redis(RedisServer server) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(server.host(), server.port()),
				LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO).build());
		factory.afterPropertiesSet();
		factory.start();
		this.open.push(factory::destroy);
		return factory;
	}

	private CuratorFramework zooKeeper(String connectString) {
		CuratorFramework client = closing(CuratorFrameworkFactory.builder()
			.connectString(connectString)
			.sessionTimeoutMs(3_000)
			.connectionTimeoutMs(2_000)
			.retryPolicy(new RetryOneTime(200))
			.build());
		client.start();
		return client;
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(BOUND.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private <T extends AutoCloseable> T closing(T closeable) {
		this.open.push(closeable);
		return closeable;
	}

}
