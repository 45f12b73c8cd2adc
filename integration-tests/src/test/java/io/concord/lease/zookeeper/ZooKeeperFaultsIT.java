package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStoreException;
import io.concord.test.Await;
import io.concord.test.net.TcpProxy;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperNode;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of leases when sessions end, and when ZooKeeper, or the way to it, fails.
 */
@ZooKeeperTest
@Timeout(120)
class ZooKeeperFaultsIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final Duration LEASE = Duration.ofMinutes(10);

	private final String namespace = "faults-" + UUID.randomUUID();

	private final String base = "/concord/" + this.namespace + "/lease";

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final ZooKeeperCluster cluster;

	ZooKeeperFaultsIT(ZooKeeperCluster cluster) {
		this.cluster = cluster;
	}

	@AfterEach
	void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	// The session

	@Test
	void leaseEndsWithItsSessionAndIsToldLost() throws Exception {
		CuratorFramework client = client();
		LeaseEngine engine = engine(store(client));
		LeaseEngine other = engine(store(client()));
		Lease lease = engine.acquire(now("name")).orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		CompletableFuture<Lease> waiting = acquireWhenFree(other, "name");
		endSessionOf(client);
		Lease next = waiting.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(lost.get(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isNotEmpty();
		assertThat(lease.isValid()).isFalse();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(next.isValid()).isTrue();
		CompletableFuture<Lease> again = acquireWhenFree(engine, "name");
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
		Lease third = again.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(third.token()).isGreaterThan(next.token());
		assertThat(third.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void waiterWhoseSessionEndsJoinsTheLineAnew() throws Exception {
		CuratorFramework client = client();
		LeaseEngine engine = engine(store(client));
		Lease lease = engine(store(client())).acquire(now("name")).orElseThrow();
		CompletableFuture<Lease> waiting = CompletableFuture
			.supplyAsync(() -> engine.acquire(waiting("name")).orElseThrow());
		awaitClaims("name", 2);
		endSessionOf(client);
		awaitClaims("name", 1);
		awaitClaims("name", 2);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		assertThat(waiting.get(BOUND.toMillis(), TimeUnit.MILLISECONDS).release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void claimOfASessionThatHasEndedIsGone() throws Exception {
		CuratorFramework client = client();
		ZooKeeperLeaseStore store = store(client);
		long token = token(store.claim(claim("a"), BOUND));
		endSessionOf(client);
		List<ClaimAnswer> answers = new ArrayList<>();
		Await.until("there is an answer", BOUND, () -> {
			try {
				return answers.add(store.refresh(claim("a"), TIMEOUT));
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
		assertThat(answers).containsExactly(new ClaimAnswer.Gone());
		assertThat(store.release(claim("a"), Duration.ZERO, BOUND).held()).isFalse();
		assertThat(token(store.claim(claim("a"), BOUND))).isGreaterThan(token);
	}

	@Test
	void claimsOfAProcessThatIsCutOffEndWithItsSession() throws Exception {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(store(client(proxy)));
		LeaseEngine other = engine(store(client()));
		Lease lease = engine.acquire(now("name")).orElseThrow();
		CompletableFuture<Long> lostAt = new CompletableFuture<>();
		lease.onLost((reason) -> lostAt.complete(System.nanoTime()));
		CompletableFuture<Lease> waiting = acquireWhenFree(other, "name");
		long begin = System.nanoTime();
		proxy.blackhole();
		Lease next = waiting.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		long end = System.nanoTime();
		assertThat(lease.isValid()).isFalse();
		assertThat(lostAt.get(BOUND.toMillis(), TimeUnit.MILLISECONDS)).isLessThan(end);
		assertThat(next.token()).isGreaterThan(lease.token());
		assertThat(Duration.ofNanos(end - begin))
			.isLessThan(ZooKeeperClients.SESSION_TIMEOUT.plus(ZooKeeperClients.TICK_TIME).plusSeconds(1));
		proxy.pass();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(next.isValid()).isTrue();
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void leaseOutlivesAShortInterruption() {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(store(client(proxy)));
		Lease lease = engine.acquire(now("name")).orElseThrow();
		awaitFullTime(lease);
		proxy.reset();
		awaitRenewal(lease);
		assertThat(engine(store(client())).acquire(now("name"))).isEmpty();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void nothingIsConfirmedWithoutAConnection() {
		TcpProxy proxy = proxy();
		ZooKeeperLeaseStore store = store(client(proxy));
		token(store.claim(claim("a"), BOUND));
		proxy.refuse();
		Await.until("it is noticed", BOUND,
				() -> String.valueOf(assertFails(() -> store.refresh(claim("a"), TIMEOUT)).getMessage())
					.contains("no connection"));
		proxy.pass();
		awaitGranted(() -> store.refresh(claim("a"), TIMEOUT));
	}

	/** A call can still be sent through a connection that is just being reset. */
	private static void awaitGranted(Supplier<ClaimAnswer> call) {
		Await.until("it is granted", BOUND, () -> {
			try {
				return call.get() instanceof ClaimAnswer.Granted;
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	// Answers that are lost

	@Test
	void claimWhoseAnswerIsLostIsFoundAgain() throws Exception {
		TcpProxy proxy = proxy();
		ZooKeeperLeaseStore store = store(client(proxy));
		warmUp(store);
		keepName();
		proxy.dropReplies();
		assertThat(assertFails(() -> store.claim(claim("a"), TIMEOUT)))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
		Await.until("the reply was lost", BOUND, () -> proxy.droppedReplyBytes() > 0);
		proxy.pass();
		assertThat(claimed("name")).isOne();
		awaitGranted(() -> store.claim(claim("a"), BOUND));
		assertThat(claimed("name")).isOne();
		assertThat(store.release(claim("a"), Duration.ZERO, BOUND).held()).isTrue();
	}

	@Test
	void claimWhoseAnswerIsLostBlocksNobodyOnceReleased() throws Exception {
		TcpProxy proxy = proxy();
		LeaseEngine engine = engine(store(client(proxy)));
		proxy.dropReplies();
		assertThat(assertFails(() -> engine.acquire(now("name")))).isInstanceOf(LeaseOutcomeUnknownException.class);
		proxy.pass();
		Lease next = acquireWhenFree(engine(store(client())), "name").get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	@Test
	void claimThatNobodyWithdrawsEndsByItsTime() throws Exception {
		TcpProxy proxy = proxy();
		ZooKeeperLeaseStore store = store(client(proxy));
		warmUp(store);
		keepName();
		Claim brief = new Claim("name", "engine-a", 1, Duration.ofSeconds(2), Duration.ZERO);
		proxy.dropReplies();
		assertThat(assertFails(() -> store.claim(brief, TIMEOUT))).isInstanceOf(LeaseOutcomeUnknownException.class);
		proxy.pass();
		awaitClaims("name", 0);
	}

	@Test
	void releaseWhoseAnswerIsLostIsFinishedInTheBackground() throws Exception {
		TcpProxy proxy = proxy();
		ZooKeeperLeaseStore store = store(client(proxy));
		token(store.claim(claim("a"), BOUND));
		proxy.blackhole();
		assertThat(assertFails(() -> store.release(claim("a"), Duration.ZERO, TIMEOUT)))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
		assertThat(claimed("name")).isOne();
		proxy.pass();
		awaitClaims("name", 0);
		assertThat(store.release(claim("a"), Duration.ZERO, BOUND).held()).isFalse();
	}

	@Test
	void claimThatIsUnderWayWhenItIsReleasedHoldsNothing() throws Exception {
		TcpProxy proxy = proxy();
		ZooKeeperLeaseStore store = store(client(proxy));
		warmUp(store);
		keepName();
		proxy.blackhole();
		assertThat(assertFails(() -> store.claim(claim("a"), TIMEOUT)))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
		assertThat(assertFails(() -> store.release(claim("a"), LEASE, TIMEOUT)))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
		proxy.pass();
		Await.until("it has left", BOUND, () -> {
			try {
				return !store.release(claim("a"), LEASE, TIMEOUT).held();
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
		assertThat(claimed("name")).isZero();
		assertThat(store.claim(claim("a"), BOUND)).isInstanceOf(ClaimAnswer.Gone.class);
		token(store(client()).claim(claim("b"), BOUND));
	}

	@Test
	void serverThatWasNeverThereIsATypedErrorInTime() {
		TcpProxy proxy = proxy();
		proxy.blackhole();
		LeaseEngine engine = coldEngine(store(client(proxy)));
		for (int i = 0; i < 3; i++) {
			assertThat(assertFails(() -> engine.acquire(now("name"))))
				.isNotInstanceOf(LeaseOutcomeUnknownException.class)
				.hasMessageContaining("there is no connection");
		}
		proxy.refuse();
		assertFails(() -> engine.acquire(now("name")));
		proxy.pass();
		Await.until("the store is found", BOUND, () -> {
			try {
				return engine.acquire(now("name"))
					.map((lease) -> lease.release() == ReleaseOutcome.RELEASED)
					.orElse(false);
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	@Test
	void clientThatIsNotStartedIsToldSo() {
		CuratorFramework client = opened(ZooKeeperClients.builder(this.cluster.connectString()).build());
		ZooKeeperLeaseStore store = store(client);
		assertThat(assertFails(() -> store.claim(claim("a"), TIMEOUT))).hasMessageContaining("not started");
		client.start();
		token(store.claim(claim("a"), BOUND));
	}

	@Test
	void stoppedServerIsATypedErrorInTime() {
		ZooKeeperNode node = this.cluster.node(0);
		LeaseEngine engine = engine(store(opened(ZooKeeperClients.start(node.host() + ":" + node.port()))));
		engine.acquire(now("name")).orElseThrow().release();
		node.pause();
		for (int i = 0; i < 3; i++) {
			assertFails(() -> engine.acquire(now("name")));
		}
		node.resume();
		Await.until("it answers again", BOUND, () -> {
			try {
				return engine.acquire(now("name")).isPresent();
			}
			catch (LeaseStoreException ex) {
				return false;
			}
		});
	}

	// The cluster

	@Test
	void nobodyHoldsWhatAnotherHoldsWhenTheLeaderDies() throws Exception {
		AtomicInteger inside = new AtomicInteger();
		AtomicInteger turns = new AtomicInteger();
		AtomicLong lastToken = new AtomicLong();
		AtomicBoolean stop = new AtomicBoolean();
		ExecutorService threads = Executors.newFixedThreadPool(6);
		this.open.push(threads::shutdownNow);
		List<Future<?>> results = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			LeaseEngine engine = engine(store(client()));
			results.add(threads.submit(() -> {
				while (!stop.get()) {
					takeTurn(engine, inside, lastToken, turns);
				}
			}));
		}
		Await.until("it runs", BOUND, () -> turns.get() > 50);
		ZooKeeperNode leader = this.cluster.leader();
		leader.kill();
		int before = turns.get();
		Await.until("it goes on", BOUND, () -> turns.get() > before + 50);
		leader.restart();
		this.cluster.awaitServing();
		int after = turns.get();
		Await.until("it goes on again", BOUND, () -> turns.get() > after + 50);
		stop.set(true);
		for (Future<?> result : results) {
			result.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		}
	}

	private static void takeTurn(LeaseEngine engine, AtomicInteger inside, AtomicLong lastToken, AtomicInteger turns) {
		try {
			engine.acquire(LeaseRequest.exclusive("name", Duration.ofSeconds(5), LEASE)).ifPresent((lease) -> {
				int others = inside.getAndIncrement();
				long token = lastToken.getAndUpdate((last) -> Math.max(last, lease.token()));
				boolean valid = lease.isValid();
				inside.decrementAndGet();
				lease.release();
				// One that is not valid any more may meet the next.
				if (valid) {
					assertThat(others).isZero();
					assertThat(token).isLessThan(lease.token());
					turns.incrementAndGet();
				}
			});
		}
		catch (LeaseStoreException ex) {
			// While there is no leader.
		}
	}

	@Test
	void leaseOutlivesTheDeathOfTheLeader() throws Exception {
		LeaseEngine engine = engine(store(client()));
		Lease lease = engine.acquire(now("name")).orElseThrow();
		awaitFullTime(lease);
		this.cluster.leader().kill();
		awaitRenewal(lease);
		assertThat(engine(store(client())).acquire(LeaseRequest.exclusive("name", Duration.ofSeconds(1), LEASE)))
			.isEmpty();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.RELEASED);
		Lease next = acquireWhenFree(engine, "name").get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(next.token()).isGreaterThan(lease.token()).isLessThan(1L << 53);
		next.release();
	}

	@Test
	void followerThatIsCutOffAnswersReadsAndConfirmsNothing() throws Exception {
		ZooKeeperNode follower = follower();
		CuratorFramework client = opened(ZooKeeperClients.start(follower.host() + ":" + follower.port()));
		ZooKeeperLeaseStore store = store(client);
		token(store.claim(claim("a"), BOUND));
		this.cluster.nodes().stream().filter((node) -> node != follower).forEach(ZooKeeperNode::pause);
		assertThat(client.getChildren().forPath(this.base + "/name")).hasSize(1);
		assertThat(assertFails(() -> store.refresh(claim("a"), TIMEOUT)))
			.isInstanceOf(LeaseOutcomeUnknownException.class);
	}

	@Test
	void holderOnAFollowerThatStandsStillKnowsInTime() throws Exception {
		ZooKeeperNode follower = follower();
		LeaseEngine engine = engine(store(opened(ZooKeeperClients.start(follower.host() + ":" + follower.port()))));
		ZooKeeperNode leader = this.cluster.leader();
		LeaseEngine other = engine(store(opened(ZooKeeperClients.start(leader.host() + ":" + leader.port()))));
		Lease lease = engine.acquire(now("name")).orElseThrow();
		CompletableFuture<Lease> waiting = acquireWhenFree(other, "name");
		follower.pause();
		Lease next = waiting.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		assertThat(lease.isValid()).isFalse();
		assertThat(next.token()).isGreaterThan(lease.token());
		follower.resume();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		assertThat(next.release()).isEqualTo(ReleaseOutcome.RELEASED);
	}

	private ZooKeeperNode follower() {
		this.cluster.awaitServing();
		return this.cluster.nodes().stream().filter((node) -> !node.isLeader()).findFirst().orElseThrow();
	}

	private void endSessionOf(CuratorFramework client) throws Exception {
		ZooKeeper zooKeeper = client.getZookeeperClient().getZooKeeper();
		this.cluster.killSession(zooKeeper.getSessionId(), zooKeeper.getSessionPasswd());
	}

	private void awaitClaims(String name, int number) throws Exception {
		CuratorFramework client = client();
		Await.until(number + " claims", BOUND, () -> claimed(client, name) == number);
	}

	private long claimed(String name) {
		return claimed(client(), name);
	}

	private long claimed(CuratorFramework client, String name) {
		try {
			client.sync().forPath(this.base);
			return client.getChildren().forPath(this.base + "/" + name).size();
		}
		catch (KeeperException.NoNodeException ex) {
			return 0;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Of a session that is new, little is known yet. */
	private static void awaitFullTime(Lease lease) {
		Await.until("it lasts for most of the session time-out", BOUND,
				() -> lease.remaining().compareTo(Duration.ofSeconds(4)) > 0);
	}

	private static void awaitRenewal(Lease lease) {
		Duration left = lease.remaining();
		long begin = System.nanoTime();
		assertThat(left).isPositive();
		Await.until("it is renewed", BOUND, () -> {
			Duration passed = Duration.ofNanos(System.nanoTime() - begin);
			return lease.remaining().plus(passed).compareTo(left.plusMillis(100)) > 0;
		});
	}

	private static LeaseStoreException assertFails(Runnable call) {
		return Await.failure(LeaseStoreException.class, TIMEOUT.plusSeconds(1), call);
	}

	private static void warmUp(ZooKeeperLeaseStore store) {
		Claim claim = new Claim("warm-up", "engine-warm-up", 1, LEASE, Duration.ZERO);
		token(store.claim(claim, BOUND));
		store.release(claim, Duration.ZERO, BOUND);
	}

	/**
	 * Creates the name in a way that lasts, so that the first request of a claim counts.
	 */
	private void keepName() throws Exception {
		client().create().creatingParentsIfNeeded().forPath(this.base + "/name");
	}

	private static CompletableFuture<Lease> acquireWhenFree(LeaseEngine engine, String name) {
		return CompletableFuture.supplyAsync(() -> engine.acquire(waiting(name)).orElseThrow());
	}

	private static LeaseRequest now(String name) {
		return LeaseRequest.exclusive(name, Duration.ZERO, LEASE);
	}

	private static LeaseRequest waiting(String name) {
		return LeaseRequest.exclusive(name, BOUND, LEASE);
	}

	private static Claim claim(String owner) {
		return new Claim("name", "engine-" + owner, 1, LEASE, Duration.ZERO);
	}

	private static long token(ClaimAnswer answer) {
		assertThat(answer).isInstanceOf(ClaimAnswer.Granted.class);
		return ((ClaimAnswer.Granted) answer).token();
	}

	private TcpProxy proxy() {
		return opened(TcpProxy.to(this.cluster.node(0).host(), this.cluster.node(0).port()));
	}

	private CuratorFramework client(TcpProxy proxy) {
		return opened(ZooKeeperClients.start(proxy.host() + ":" + proxy.port()));
	}

	private CuratorFramework client() {
		return opened(ZooKeeperClients.start(this.cluster.connectString()));
	}

	private ZooKeeperLeaseStore store(CuratorFramework client) {
		return opened(new ZooKeeperLeaseStore(client, this.namespace, ZooKeeperClients.TICK_TIME));
	}

	private LeaseEngine engine(ZooKeeperLeaseStore store) {
		warmUp(store);
		return coldEngine(store);
	}

	private LeaseEngine coldEngine(ZooKeeperLeaseStore store) {
		return opened(LeaseEngine.builder(store).storeTimeout(TIMEOUT).shutdownTimeout(Duration.ZERO).build());
	}

	private <T extends AutoCloseable> T opened(T closeable) {
		this.open.push(closeable);
		return closeable;
	}

}
