package io.concord.lease.zookeeper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceState;
import io.concord.test.Await;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What leases cost in ZooKeeper, whom they wake, and what is stored for whom.
 */
@ZooKeeperTest
@Timeout(120)
class ZooKeeperCallsIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static final Duration LEASE = Duration.ofMinutes(5);

	private static final Duration PATIENCE = Duration.ofMinutes(1);

	private final String namespace = "calls-" + UUID.randomUUID();

	private final String base = "/concord/" + this.namespace + "/lease";

	private final CountingZooKeeperFactory requests = new CountingZooKeeperFactory();

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final ZooKeeperCluster cluster;

	ZooKeeperCallsIT(ZooKeeperCluster cluster) {
		this.cluster = cluster;
	}

	@AfterEach
	void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	// What it costs

	@Test
	void claimsANameThatExistsByOneWriteAndOneReadAndReleasesItByOneWrite() {
		ZooKeeperLeaseStore store = store();
		warmUp(store);
		for (Duration patience : List.of(Duration.ZERO, PATIENCE)) {
			Claim claim = new Claim("name", "engine-" + patience, 1, LEASE, patience);
			// Keeps the server from deleting the name's container in between.
			store.claim(claim("x", Claim.SHARED), TIMEOUT);
			store.release(claim("x", Claim.SHARED), Duration.ZERO, TIMEOUT);
			this.requests.reset();
			granted(store.claim(claim, TIMEOUT));
			assertThat(this.requests.counts()).isEqualTo(Map.of("create", 1, "getChildren", 1));
			this.requests.reset();
			assertThat(store.release(claim, Duration.ZERO, TIMEOUT).held()).isTrue();
			assertThat(this.requests.counts()).isEqualTo(Map.of("delete", 1));
		}
	}

	@Test
	void claimsANewNameByThreeWrites() {
		ZooKeeperLeaseStore store = store();
		warmUp(store);
		this.requests.reset();
		granted(store.claim(claim("a", 1), TIMEOUT));
		assertThat(this.requests.writes()).isEqualTo(3);
		assertThat(this.requests.reads()).isEqualTo(1);
	}

	@Test
	void renewsByOneWriteThatChangesNothing() throws Exception {
		ZooKeeperLeaseStore store = store();
		granted(store.claim(claim("a", 1), TIMEOUT));
		this.requests.reset();
		granted(store.refresh(claim("a", 1), TIMEOUT));
		assertThat(this.requests.counts()).isEqualTo(Map.of("multi", 1));
		CuratorFramework client = client();
		String node = client.getChildren().forPath(this.base + "/name").get(0);
		assertThat(client.checkExists().forPath(this.base + "/name/" + node).getVersion()).isZero();
	}

	@Test
	void tellsWhetherTheServersAreThere() {
		CuratorFramework client = client();
		ZooKeeperLeaseStore store = store(client);
		assertThat(store.kind()).isEqualTo("zookeeper");
		warmUp(store);
		this.requests.reset();
		store.ping(TIMEOUT);
		assertThat(this.requests.counts()).as("no more than keeps the session alive").isEmpty();
		client.close();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.ping(Duration.ofMillis(500)));
	}

	@Test
	void refusesByOneReadWhatWasTakenBefore() {
		ZooKeeperLeaseStore store = store();
		granted(store.claim(claim("a", 1), TIMEOUT));
		this.requests.reset();
		Claim impatient = new Claim("name", "engine-b", 1, LEASE, Duration.ZERO);
		assertThat(store.claim(impatient, TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(this.requests.counts()).isEqualTo(Map.of("create", 1, "getChildren", 1, "delete", 1));
		this.requests.reset();
		assertThat(store.claim(impatient, TIMEOUT)).isInstanceOf(ClaimAnswer.Refused.class);
		assertThat(this.requests.counts()).isEqualTo(Map.of("getChildren", 1));
		store.release(claim("a", 1), Duration.ZERO, TIMEOUT);
		granted(store.claim(impatient, TIMEOUT));
		store.release(impatient, Duration.ZERO, TIMEOUT);
		this.requests.reset();
		granted(store.claim(impatient, TIMEOUT));
		assertThat(this.requests.counts()).isEqualTo(Map.of("create", 1, "getChildren", 1));
	}

	@Test
	void waitersAskNothingWhileNothingChanges() {
		ZooKeeperLeaseStore store = store();
		granted(store.claim(claim("a", 1), TIMEOUT));
		this.requests.reset();
		waiting(store.claim(claim("b", 1), TIMEOUT));
		assertThat(this.requests.counts()).isEqualTo(Map.of("create", 1, "getChildren", 1, "getData", 1));
		this.requests.reset();
		for (int i = 0; i < 20; i++) {
			waiting(store.refresh(claim("b", 1), TIMEOUT));
		}
		assertThat(this.requests.counts()).isEmpty();
		store.release(claim("a", 1), Duration.ZERO, TIMEOUT);
		this.requests.reset();
		granted(store.refresh(claim("b", 1), TIMEOUT));
		assertThat(this.requests.counts()).isEqualTo(Map.of("getChildren", 1, "multi", 1));
	}

	@Test
	void looksByASyncAndAReadAndOneMoreForEachHolderAndWritesNothing() {
		ZooKeeperLeaseStore store = store();
		granted(store.claim(claim("a", 2), TIMEOUT));
		granted(store.claim(claim("b", 2), TIMEOUT));
		waiting(store.claim(claim("c", 2), TIMEOUT));
		this.requests.reset();
		ResourceState state = store.inspect("name", TIMEOUT).orElseThrow();
		assertThat(this.requests.reads()).isEqualTo(4);
		assertThat(this.requests.writes()).isZero();
		assertThat(state.waiters()).isOne();
		assertThat(state.holders()).extracting(ResourceState.Holder::owner).containsExactly("engine-a", "engine-b");
		assertThat(state.holders()).extracting(ResourceState.Holder::remaining)
			.allSatisfy((remaining) -> assertThat(remaining).isBetween(LEASE.minus(BOUND), LEASE));
		assertThat(store().inspect("name", TIMEOUT).orElseThrow().holders()).extracting(ResourceState.Holder::remaining)
			.containsOnlyNulls();
	}

	@Test
	void releasesByForceOnlyWhatHasTheTokenThatWasSeen() {
		List<String> woken = new CopyOnWriteArrayList<>();
		ZooKeeperLeaseStore store = store();
		store.listen("engine", woken::add);
		granted(store.claim(claim("a", 1), TIMEOUT));
		waiting(store.claim(claim("b", 1), TIMEOUT));
		ZooKeeperLeaseStore other = store();
		ResourceState.Holder seen = other.inspect("name", TIMEOUT).orElseThrow().holders().get(0);
		for (ResourceState.Holder wrong : List.of(
				new ResourceState.Holder(seen.owner(), 1, seen.token() - 1, seen.remaining()),
				new ResourceState.Holder("engine-b", 1, seen.token(), seen.remaining()))) {
			assertThat(other.releaseByForce("name", wrong, TIMEOUT).held()).isFalse();
		}
		assertThat(granted(store.refresh(claim("a", 1), TIMEOUT))).isEqualTo(seen.token());
		this.requests.reset();
		assertThat(other.releaseByForce("name", seen, TIMEOUT).held()).isTrue();
		assertThat(this.requests.writes()).isOne();
		assertThat(store.refresh(claim("a", 1), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		Await.until("the next one is woken", BOUND, () -> woken.contains("engine-b"));
		granted(store.refresh(claim("b", 1), TIMEOUT));
		assertThat(other.releaseByForce("name", seen, TIMEOUT).held()).isFalse();
		granted(store.refresh(claim("b", 1), TIMEOUT));
	}

	@Test
	void releasesItsOwnByForceLikeAnyOther() {
		ZooKeeperLeaseStore store = store();
		granted(store.claim(claim("a", 1), TIMEOUT));
		ResourceState.Holder seen = store.inspect("name", TIMEOUT).orElseThrow().holders().get(0);
		assertThat(store.releaseByForce("name", seen, TIMEOUT).held()).isTrue();
		assertThat(store.inspect("name", TIMEOUT)).hasValue(ResourceState.FREE);
		assertThat(store.refresh(claim("a", 1), TIMEOUT)).isInstanceOf(ClaimAnswer.Gone.class);
		granted(store.claim(claim("b", 1), TIMEOUT));
	}

	// Who is woken

	@Test
	void wakesOneOfFiftyWaitersAtARelease() {
		List<String> woken = new CopyOnWriteArrayList<>();
		List<ZooKeeperLeaseStore> stores = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			ZooKeeperLeaseStore store = store();
			store.listen("engine", woken::add);
			stores.add(store);
		}
		ZooKeeperLeaseStore first = store();
		granted(first.claim(claim("holder", 1), TIMEOUT));
		for (int i = 0; i < 50; i++) {
			waiting(stores.get(i % 5).claim(claim("w" + i, 1), TIMEOUT));
		}
		woken.clear();
		this.requests.reset();
		first.release(claim("holder", 1), Duration.ZERO, TIMEOUT);
		for (int i = 0; i < 50; i++) {
			int number = i;
			Await.until("one is woken", BOUND, () -> woken.size() > number);
			ZooKeeperLeaseStore store = stores.get(i % 5);
			granted(store.refresh(claim("w" + i, 1), TIMEOUT));
			assertThat(store.release(claim("w" + i, 1), Duration.ZERO, TIMEOUT).held()).isTrue();
		}
		List<String> inOrder = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			inOrder.add("engine-w" + i);
		}
		assertThat(woken).containsExactlyElementsOf(inOrder);
		assertThat(this.requests.counts()).isEqualTo(Map.of("getChildren", 50, "multi", 50, "delete", 51));
	}

	@Test
	void wakesTheFirstOfThoseWhoWaitForOneOfSeveral() {
		List<String> woken = new CopyOnWriteArrayList<>();
		ZooKeeperLeaseStore store = store();
		ZooKeeperLeaseStore holders = store();
		store.listen("engine", woken::add);
		for (int i = 0; i < 3; i++) {
			granted(holders.claim(claim("h" + i, 3), TIMEOUT));
		}
		for (int i = 0; i < 10; i++) {
			waiting(store.claim(claim("w" + i, 3), TIMEOUT));
		}
		// The first watches all, so it was woken by those who joined, and looks again.
		Await.until("the last has joined", BOUND, () -> woken.contains("engine-w0"));
		waiting(store.refresh(claim("w0", 3), TIMEOUT));
		// Whichever of the holders leaves: the first waits for any, the second for the
		// first.
		for (String holder : List.of("h1", "h2", "h0")) {
			woken.clear();
			holders.release(claim(holder, 3), Duration.ZERO, TIMEOUT);
			Await.until("one is woken", BOUND, () -> !woken.isEmpty());
			String next = woken.get(0).substring("engine-".length());
			granted(store.refresh(claim(next, 3), TIMEOUT));
			int after = Integer.parseInt(next.substring(1)) + 1;
			Await.until("the next in line is told that it is the first", BOUND,
					() -> woken.contains("engine-w" + after));
			waiting(store.refresh(claim("w" + after, 3), TIMEOUT));
			assertThat(new HashSet<>(woken)).containsExactlyInAnyOrder("engine-" + next, "engine-w" + after);
		}
	}

	@Test
	void wakesAllReadersBehindAWriterAndNoneBefore() {
		List<String> woken = new CopyOnWriteArrayList<>();
		ZooKeeperLeaseStore store = store();
		store.listen("engine", woken::add);
		granted(store.claim(claim("r0", Claim.SHARED), TIMEOUT));
		waiting(store.claim(claim("w", 1), TIMEOUT));
		for (int i = 1; i < 5; i++) {
			waiting(store.claim(claim("r" + i, Claim.SHARED), TIMEOUT));
		}
		store.release(claim("r0", Claim.SHARED), Duration.ZERO, TIMEOUT);
		Await.until("the writer is woken", BOUND, () -> woken.size() == 1);
		granted(store.refresh(claim("w", 1), TIMEOUT));
		assertThat(woken).containsExactly("engine-w");
		store.release(claim("w", 1), Duration.ZERO, TIMEOUT);
		Await.until("the readers are woken", BOUND, () -> woken.size() == 5);
		for (int i = 1; i < 5; i++) {
			granted(store.refresh(claim("r" + i, Claim.SHARED), TIMEOUT));
		}
	}

	@Test
	void storesOfOneSessionExcludeEachOther() {
		CuratorFramework client = client();
		ZooKeeperLeaseStore one = store(client);
		ZooKeeperLeaseStore two = store(client);
		long token = granted(one.claim(claim("a", 1), TIMEOUT));
		waiting(two.claim(claim("b", 1), TIMEOUT));
		assertThat(two.release(claim("a", 1), Duration.ZERO, TIMEOUT)).isEqualTo(new ReleaseAnswer(false, null));
		assertThat(granted(one.refresh(claim("a", 1), TIMEOUT))).isEqualTo(token);
		one.release(claim("a", 1), Duration.ZERO, TIMEOUT);
		Await.until("it is the other's turn", BOUND,
				() -> two.refresh(claim("b", 1), TIMEOUT) instanceof ClaimAnswer.Granted);
	}

	// What is stored, and for whom

	@Test
	void leavesTheClientOpen() throws Exception {
		CuratorFramework client = client();
		ZooKeeperLeaseStore store = store(client);
		granted(store.claim(claim("a", 1), TIMEOUT));
		store.close();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("b", 1), TIMEOUT))
			.withMessageContaining("closed");
		assertThat(client.getState()).isEqualTo(CuratorFrameworkState.STARTED);
		assertThat(client.getChildren().forPath(this.base + "/name")).hasSize(1);
	}

	@Test
	void endsWhatIsLeftWhenItIsClosedByItsTime() {
		CuratorFramework client = client();
		ZooKeeperLeaseStore store = store(client);
		granted(store.claim(new Claim("name", "engine-a", 1, Duration.ofMillis(700), Duration.ZERO), TIMEOUT));
		store.close();
		ZooKeeperLeaseStore other = store();
		waiting(other.claim(claim("b", 1), TIMEOUT));
		Await.until("it has ended", BOUND, () -> other.refresh(claim("b", 1), TIMEOUT) instanceof ClaimAnswer.Granted);
	}

	@Test
	void keepsItsNodesBelowTheNamespaceOfTheClient() throws Exception {
		CuratorFramework client = opened(
				ZooKeeperClients.builder(this.cluster.connectString()).namespace("team/" + this.namespace).build());
		client.start();
		ZooKeeperLeaseStore store = store(client);
		granted(store.claim(claim("a", 1), TIMEOUT));
		assertThat(client().getChildren().forPath("/team/" + this.namespace + this.base + "/name")).hasSize(1);
		store.release(claim("a", 1), Duration.ZERO, TIMEOUT);
	}

	@Test
	void worksBelowARootOfItsOwn() throws Exception {
		client().create().creatingParentsIfNeeded().forPath("/roots/" + this.namespace);
		CuratorFramework client = opened(
				ZooKeeperClients.start(this.cluster.connectString() + "/roots/" + this.namespace));
		granted(store(client).claim(claim("a", 1), TIMEOUT));
		assertThat(client().getChildren().forPath("/roots/" + this.namespace + this.base + "/name")).hasSize(1);
	}

	@Test
	void refusesAnotherFormatAboveAllNames() throws Exception {
		client().create().creatingParentsIfNeeded().forPath(this.base, "2".getBytes(StandardCharsets.UTF_8));
		ZooKeeperLeaseStore store = store();
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("a", 1), TIMEOUT))
			.isNotInstanceOf(LeaseOutcomeUnknownException.class)
			.withMessageContaining(this.base)
			.withMessageContaining("format '2'")
			.withMessageContaining("same version");
		assertThat(client().getChildren().forPath(this.base)).isEmpty();
	}

	@Test
	void refusesAnotherFormatInALine() throws Exception {
		ZooKeeperLeaseStore store = store();
		warmUp(store);
		client().create().creatingParentsIfNeeded().forPath(this.base + "/name/0~a-node-of-version-0~0000000001");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("a", 1), TIMEOUT))
			.withMessageContaining("a node '0~a-node-of-version-0~0000000001'")
			.withMessageContaining("same version");
		assertThat(client().getChildren().forPath(this.base + "/name")).hasSize(1);
	}

	@Test
	void opensNodesToEverybodyIfNobodyIsAuthenticated() throws Exception {
		ZooKeeperLeaseStore store = store();
		granted(store.claim(claim("a", 1), TIMEOUT));
		assertThat(aclOfClaim(client())).isEqualTo(ZooDefs.Ids.OPEN_ACL_UNSAFE);
	}

	@Test
	void keepsNodesOfAnAuthenticatedConnectionToItsUser() throws Exception {
		CuratorFramework alice = authenticated("alice");
		ZooKeeperLeaseStore store = store(alice);
		granted(store.claim(claim("a", 1), TIMEOUT));
		for (List<ACL> acl : List.of(aclOfClaim(alice), alice.getACL().forPath(this.base),
				alice.getACL().forPath("/concord/" + this.namespace))) {
			assertThat(acl).singleElement().satisfies((only) -> {
				assertThat(only.getPerms()).isEqualTo(ZooDefs.Perms.ALL);
				assertThat(only.getId().getScheme()).isEqualTo("digest");
				assertThat(only.getId().getId()).startsWith("alice:");
			});
		}
		granted(store(authenticated("alice")).claim(new Claim("other", "engine-b", 1, LEASE, Duration.ZERO), TIMEOUT));
		for (CuratorFramework stranger : List.of(client(), authenticated("bob"))) {
			ZooKeeperLeaseStore refused = store(stranger);
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> refused.claim(claim("c", 1), TIMEOUT))
				.isNotInstanceOf(LeaseOutcomeUnknownException.class)
				.withMessageContaining("may not")
				.withMessageContaining(this.base);
		}
	}

	@Test
	void usesTheAclsThatTheApplicationHasConfigured() throws Exception {
		List<ACL> configured = List.of(new ACL(ZooDefs.Perms.ALL, new Id("ip", "127.0.0.1")));
		CuratorFramework client = opened(
				ZooKeeperClients.builder(this.cluster.connectString()).aclProvider(new ACLProvider() {

					@Override
					public List<ACL> getDefaultAcl() {
						return configured;
					}

					@Override
					public List<ACL> getAclForPath(String path) {
						return configured;
					}

				}).build());
		client.start();
		granted(store(client).claim(claim("a", 1), TIMEOUT));
		assertThat(aclOfClaim(client)).isEqualTo(configured);
	}

	private List<ACL> aclOfClaim(CuratorFramework client) throws Exception {
		String node = client.getChildren().forPath(this.base + "/name").get(0);
		return client.getACL().forPath(this.base + "/name/" + node);
	}

	private CuratorFramework authenticated(String user) {
		CuratorFramework client = opened(ZooKeeperClients.builder(this.cluster.connectString())
			.authorization("digest", (user + ":secret").getBytes(StandardCharsets.UTF_8))
			.build());
		client.start();
		return client;
	}

	private static void warmUp(ZooKeeperLeaseStore store) {
		Claim claim = new Claim("warm-up", "engine-warm-up", 1, LEASE, Duration.ZERO);
		granted(store.claim(claim, TIMEOUT));
		store.release(claim, Duration.ZERO, TIMEOUT);
	}

	private static Claim claim(String owner, int limit) {
		return new Claim("name", "engine-" + owner, limit, LEASE, PATIENCE);
	}

	private static long granted(ClaimAnswer answer) {
		assertThat(answer).isInstanceOf(ClaimAnswer.Granted.class);
		ClaimAnswer.Granted granted = (ClaimAnswer.Granted) answer;
		// From the beginning of the call, which is before the request that the session
		// lives from.
		assertThat(granted.atMost()).isBetween(Duration.ofMillis(1), ZooKeeperClients.SESSION_TIMEOUT.plus(TIMEOUT));
		return granted.token();
	}

	private static void waiting(ClaimAnswer answer) {
		assertThat(answer).isInstanceOf(ClaimAnswer.Waiting.class);
	}

	private ZooKeeperLeaseStore store() {
		return store(client());
	}

	private ZooKeeperLeaseStore store(CuratorFramework client) {
		return opened(new ZooKeeperLeaseStore(client, this.namespace, ZooKeeperClients.TICK_TIME));
	}

	private CuratorFramework client() {
		String server = this.cluster.node(0).host() + ":" + this.cluster.node(0).port();
		return opened(ZooKeeperClients.start(server, this.requests));
	}

	private <T extends AutoCloseable> T opened(T closeable) {
		this.open.push(closeable);
		return closeable;
	}

}
