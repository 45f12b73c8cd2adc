package io.concord.idgen.zookeeper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SegmentStoreContract;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.SequenceStoreContract;
import io.concord.idgen.ThousandNodes;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.WorkerIdStoreContract;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.zookeeper.CountingZooKeeperFactory;
import io.concord.lease.zookeeper.ZooKeeperClients;
import io.concord.test.zookeeper.ZooKeeperCluster;
import io.concord.test.zookeeper.ZooKeeperTest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The contracts on ZooKeeper, and what is special there.
 */
@ZooKeeperTest
@Timeout(120)
class ZooKeeperIdsIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration LEAD = Duration.ofMinutes(10);

	/** So many processes there are, as it were. */
	private static final int CLIENTS = 4;

	/** Kept from test to test, as it takes its time to end a session. */
	private static final List<CuratorFramework> clients = new ArrayList<>();

	private final AtomicInteger stores = new AtomicInteger();

	private final ZooKeeperCluster cluster;

	private final String namespace = "ids-" + UUID.randomUUID();

	ZooKeeperIdsIT(ZooKeeperCluster cluster) {
		this.cluster = cluster;
	}

	@BeforeEach
	void connect() {
		while (clients.size() < CLIENTS) {
			// A thousand threads in one process keep it from saying that it lives.
			CuratorFramework client = ZooKeeperClients.builder(this.cluster.connectString())
				.sessionTimeoutMs(10_000)
				.build();
			client.start();
			clients.add(client);
		}
	}

	@AfterAll
	static void disconnect() {
		clients.forEach(CuratorFramework::close);
		clients.clear();
	}

	private ZooKeeperIdNodes nodes() {
		return new ZooKeeperIdNodes(clients.get(this.stores.getAndIncrement() % CLIENTS), this.namespace);
	}

	@Test
	void thousandNodesStartAtOnce() throws Exception {
		ThousandNodes.startAtOnce(() -> nodes().workers());
	}

	@Test
	void spendsOneWriteOnEachOperation() {
		CountingZooKeeperFactory requests = new CountingZooKeeperFactory();
		try (CuratorFramework client = ZooKeeperClients.start(this.cluster.connectString(), requests)) {
			ZooKeeperIdNodes nodes = new ZooKeeperIdNodes(client, this.namespace);
			try (WorkerIdStore store = nodes.workers();
					SegmentStore segments = nodes.segments();
					SequenceStore sequences = nodes.sequences()) {
				granted(store.claim(claim("warm-up", 0), TIMEOUT));
				requests.reset();
				WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 1), TIMEOUT));
				assertThat(requests.counts()).isEqualTo(Map.of("getData", 2, "getChildren", 1, "multi", 1));
				requests.reset();
				store.extend(granted.lease(), LEAD, TIMEOUT);
				assertThat(requests.counts()).isEqualTo(Map.of("setData", 1));
				requests.reset();
				assertThat(store.release(granted.lease(), granted.storeTime(), TIMEOUT)).isTrue();
				assertThat(requests.counts()).isEqualTo(Map.of("multi", 1));
				requests.reset();
				granted(store.claim(claim("b", 1), TIMEOUT));
				assertThat(requests.counts()).isEqualTo(Map.of("getData", 2, "getChildren", 1, "multi", 1));
				segments.next("segments", 10, 1, TIMEOUT);
				sequences.next("sequences", 1, TIMEOUT);
				requests.reset();
				segments.next("segments", 10, 1, TIMEOUT);
				assertThat(requests.counts()).isEqualTo(Map.of("multi", 1));
				requests.reset();
				sequences.next("sequences", 1, TIMEOUT);
				assertThat(requests.counts()).isEqualTo(Map.of("setData", 1));
			}
		}
	}

	@Test
	void countersAreTheSameForSegmentsAndSequences() {
		try (SegmentStore segments = nodes().segments(); SequenceStore sequences = nodes().sequences()) {
			for (int i = 0; i < 3; i++) {
				long last = segments.next("shared", 100, 1, TIMEOUT).last();
				assertThat(sequences.next("shared", 1, TIMEOUT)).isEqualTo(last + 1);
				assertThat(sequences.next("shared", 1, TIMEOUT)).isEqualTo(last + 2);
				assertThat(segments.next("shared", 5, 1, TIMEOUT).first()).isEqualTo(last + 3);
			}
		}
	}

	@Test
	void keepsANodeOfEachOwnerAndNoMore() throws Exception {
		String path = "/concord/" + this.namespace + "/ids/workers/space";
		try (WorkerIdStore store = nodes().workers()) {
			for (int i = 0; i < 5; i++) {
				WorkerIdAnswer.Granted granted = granted(store.claim(claim("owner-" + i, 3), TIMEOUT));
				assertThat(clients.get(0).getChildren().forPath(path + "/owners")).containsExactly("owner-" + i);
				assertThat(store.release(granted.lease(), granted.storeTime(), TIMEOUT)).isTrue();
				assertThat(clients.get(0).getChildren().forPath(path + "/ids")).hasSize(1);
			}
			assertThat(clients.get(0).getChildren().forPath(path + "/owners")).isEmpty();
		}
	}

	@Test
	void nodesOfAnAuthenticatedClientAreItsOwn() throws Exception {
		CuratorFramework client = ZooKeeperClients.builder(this.cluster.connectString())
			.authorization("digest", "shop:secret".getBytes(StandardCharsets.US_ASCII))
			.build();
		client.start();
		try (client; WorkerIdStore store = new ZooKeeperIdNodes(client, this.namespace).workers()) {
			WorkerIdAnswer.Granted granted = granted(store.claim(claim("a", 1), TIMEOUT));
			assertThat(client.getACL()
				.forPath("/concord/" + this.namespace + "/ids/workers/space/ids/" + granted.lease().workerId()))
				.hasSize(1)
				.allSatisfy((acl) -> {
					assertThat(acl.getPerms()).isEqualTo(ZooDefs.Perms.ALL);
					assertThat(acl.getId()).extracting(Id::getScheme).isEqualTo("digest");
				});
			try (WorkerIdStore other = nodes().workers()) {
				assertThatExceptionOfType(LeaseStoreException.class)
					.isThrownBy(() -> other.extend(granted.lease(), LEAD, TIMEOUT));
			}
			assertThat(store.extend(granted.lease(), LEAD, TIMEOUT)).isInstanceOf(WorkerIdExtension.Extended.class);
		}
	}

	@Test
	void failsInTimeWithoutAServer() {
		CuratorFramework client = ZooKeeperClients.start("localhost:1");
		try (client; WorkerIdStore store = new ZooKeeperIdNodes(client, this.namespace).workers()) {
			long begin = System.nanoTime();
			assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> store.claim(claim("a", 1), Duration.ofMillis(300)))
				.withMessageContaining("there is no connection");
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
		}
	}

	@Test
	void refusesANamespaceWithOtherCharacters() {
		assertThatIllegalArgumentException().isThrownBy(() -> new ZooKeeperIdNodes(clients.get(0), "a/b").workers())
			.withMessageContaining("'a/b'");
	}

	private static WorkerIdClaim claim(String owner, int workerId) {
		return new WorkerIdClaim("space", "layout", workerId, workerId, owner, "holder of " + owner, LEAD);
	}

	private static WorkerIdAnswer.Granted granted(WorkerIdAnswer answer) {
		assertThat(answer).isInstanceOf(WorkerIdAnswer.Granted.class);
		return (WorkerIdAnswer.Granted) answer;
	}

	@Nested
	class Workers extends WorkerIdStoreContract {

		@Override
		protected WorkerIdStore newStore() {
			return nodes().workers();
		}

	}

	@Nested
	class Segments extends SegmentStoreContract {

		@Override
		protected SegmentStore newStore() {
			return nodes().segments();
		}

	}

	@Nested
	class Sequences extends SequenceStoreContract {

		@Override
		protected SequenceStore newStore() {
			return nodes().sequences();
		}

	}

}
