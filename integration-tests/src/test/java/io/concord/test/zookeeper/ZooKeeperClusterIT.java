package io.concord.test.zookeeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

import io.concord.test.Await;
import io.concord.test.net.FreePorts;
import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;
import io.concord.test.server.ServerStartException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

/**
 * What {@link ZooKeeperTest} and {@link PrivateZooKeeperCluster} promise.
 */
@ZooKeeperTest
@Timeout(120)
class ZooKeeperClusterIT {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static final int SESSION_MILLIS = 6_000;

	private final ZooKeeperCluster shared;

	private final List<ZooKeeper> clients = new ArrayList<>();

	ZooKeeperClusterIT(ZooKeeperCluster shared) {
		this.shared = shared;
	}

	@AfterEach
	void closeClients() throws InterruptedException {
		for (ZooKeeper client : this.clients) {
			client.close();
		}
	}

	@Test
	void sharedClusterHasThreeProcessesAndOneLeader(ZooKeeperCluster parameter) {
		assertThat(parameter).isSameAs(this.shared);
		assertThat(parameter.nodes()).hasSize(3).allMatch(ZooKeeperNode::isServing);
		assertThat(parameter.nodes()).extracting(ZooKeeperNode::pid)
			.doesNotHaveDuplicates()
			.allMatch(WatchedProcess::isRunning);
		assertThat(parameter.nodes()).filteredOn(ZooKeeperNode::isLeader).containsExactly(parameter.leader());
		assertThat(parameter.connectString().split(","))
			.containsExactlyElementsOf(parameter.nodes().stream().map((node) -> "127.0.0.1:" + node.port()).toList());
	}

	@Test
	void countsWritesAndMessages() throws Exception {
		ZooKeeperNode leader = this.shared.leader();
		ZooKeeper client = connect(leader.toString());
		String path = create(client, CreateMode.PERSISTENT);
		long zxid = leader.zxid();
		long packets = leader.counter("zk_packets_received");
		client.setData(path, new byte[0], -1);
		client.getData(path, false, null);
		client.exists(path, true);
		client.delete(path, -1);
		assertThat(leader.zxid() - zxid).isEqualTo(2);
		assertThat(leader.counter("zk_packets_received") - packets).isGreaterThanOrEqualTo(4);
		assertThat(this.shared.packetsReceived()).isGreaterThan(packets);
		assertThat(leader.ask("ruok")).isEqualTo("imok");
	}

	@Test
	void sessionThatIsKilledTakesItsNodesAlong() throws Exception {
		ZooKeeper observer = connect(this.shared.connectString());
		ZooKeeper client = connect(this.shared.connectString());
		String path = create(client, CreateMode.EPHEMERAL);
		assertThat(exists(observer, path)).isTrue();
		this.shared.killSession(client.getSessionId(), client.getSessionPasswd());
		assertThat(exists(observer, path)).isFalse();
		Await.until("the client knows", BOUND, () -> !client.getState().isAlive());
		assertThatExceptionOfType(KeeperException.SessionExpiredException.class)
			.isThrownBy(() -> client.exists(path, false));
		assertThatExceptionOfType(UncheckedIOException.class)
			.isThrownBy(() -> this.shared.killSession(client.getSessionId(), client.getSessionPasswd()))
			.withMessageContaining(Long.toHexString(client.getSessionId()));
	}

	@Test
	void emptyContainersGo() throws Exception {
		ZooKeeper client = connect(this.shared.connectString());
		String container = create(client, CreateMode.CONTAINER);
		client.create(container + "/child", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
		client.delete(container + "/child", -1);
		Await.until(container + " is gone", BOUND, () -> !exists(client, container));
	}

	@Test
	void pausedNodeIsDoneWithout() throws Exception {
		ZooKeeperNode paused = this.shared.leader();
		ZooKeeper client = connect(this.shared.connectString());
		String path = create(client, CreateMode.PERSISTENT);
		paused.pause();
		Await.until("another leads", BOUND,
				() -> this.shared.nodes().stream().anyMatch((node) -> node != paused && node.isLeader()));
		Await.until("the client has found another node", BOUND, () -> exists(client, path));
		paused.resume();
		this.shared.awaitServing();
		assertThat(this.shared.nodes()).filteredOn(ZooKeeperNode::isLeader).hasSize(1).doesNotContain(paused);
		client.delete(path, -1);
	}

	@Test
	void nodesDieOneByOneAndComeBackWithWhatTheyKnew() throws Exception {
		try (PrivateZooKeeperCluster cluster = PrivateZooKeeperCluster.start()) {
			assertThat(cluster.nodes()).extracting(ZooKeeperNode::port)
				.doesNotContainAnyElementsOf(this.shared.nodes().stream().map(ZooKeeperNode::port).toList());
			ZooKeeper client = connect(cluster.connectString());
			String path = create(client, CreateMode.PERSISTENT);
			ZooKeeperNode first = cluster.leader();
			long pid = first.pid();
			first.kill();
			assertThat(WatchedProcess.isRunning(pid)).isFalse();
			assertThat(first.isServing()).isFalse();
			ZooKeeperNode second = cluster.leader();
			assertThat(second).isNotSameAs(first);
			Await.until("the client has found another node", BOUND, () -> exists(client, path));

			second.kill();
			Await.until("the last one knows that it is alone", BOUND,
					() -> cluster.nodes().stream().noneMatch(ZooKeeperNode::isServing));
			int port = first.port();
			first.restart();
			second.restart();
			cluster.awaitServing();
			assertThat(first.port()).isEqualTo(port);
			assertThat(first.pid()).isNotEqualTo(pid);
			Await.until("the client is back", BOUND, () -> exists(client, path));
		}
	}

	@Test
	void nodesAreGoneWhenTheirJvmIsKilled() throws IOException {
		try (WatchedProcess jvm = JavaCommand.mainClass(ZooKeeperHolder.class).start()) {
			List<Long> pids = Stream.of(jvm.awaitLine("zookeeper ", BOUND).split(" "))
				.skip(1)
				.map(Long::valueOf)
				.toList();
			assertThat(pids).hasSize(3).allMatch(WatchedProcess::isRunning);
			List<Path> directories = new ArrayList<>();
			for (long pid : pids) {
				directories.add(Path.of("/proc", Long.toString(pid), "cwd").toRealPath());
			}
			jvm.kill();
			Await.until(pids + " are gone", BOUND, () -> pids.stream().noneMatch(WatchedProcess::isRunning));
			Await.until(directories + " are gone", BOUND, () -> directories.stream().noneMatch(Files::exists));
		}
	}

	@Test
	void classesShareOneClusterWhichIsWholeAgainAfterEachTest() {
		Seen.clusters.clear();
		execute("", DisturbingFixture.class, SecondFixture.class).testEvents()
			.assertStatistics((tests) -> tests.started(4).succeeded(4));
		assertThat(Seen.clusters).hasSize(4).allMatch((cluster) -> cluster == Seen.clusters.get(0));
		ZooKeeperCluster cluster = Seen.clusters.get(0);
		assertThat(cluster).isNotSameAs(this.shared);
		assertThat(cluster.nodes()).noneMatch(ZooKeeperNode::isServing);
	}

	@Test
	void classFailsWithTheReasonIfThereIsNoServer() {
		String url = "127.0.0.1:" + FreePorts.find();
		execute(url, DisturbingFixture.class).containerEvents()
			.assertThatEvents()
			.haveExactly(1,
					event(container(DisturbingFixture.class),
							finishedWithFailure(instanceOf(ServerStartException.class),
									message((text) -> text.contains("need a ZooKeeper") && text.contains(url)))));
	}

	private ZooKeeper connect(String connectString) throws IOException {
		ZooKeeper client = new ZooKeeper(connectString, SESSION_MILLIS, (event) -> {
		});
		this.clients.add(client);
		Await.until("connected to " + connectString, BOUND, () -> client.getState().isConnected());
		return client;
	}

	private static String create(ZooKeeper client, CreateMode mode) throws Exception {
		return client.create("/test-" + UUID.randomUUID(), "x".getBytes(StandardCharsets.UTF_8),
				ZooDefs.Ids.OPEN_ACL_UNSAFE, mode);
	}

	/**
	 * False also while the client looks for a node that serves.
	 */
	private static boolean exists(ZooKeeper client, String path) {
		try {
			client.sync(path);
			return client.exists(path, false) != null;
		}
		catch (KeeperException.ConnectionLossException ex) {
			return false;
		}
		catch (KeeperException | InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	private static EngineExecutionResults execute(String url, Class<?>... fixtures) {
		String before = System.setProperty("concord.test.zookeeper.url", url);
		try {
			return EngineTestKit.engine("junit-jupiter")
				.selectors(Stream.of(fixtures).map(DiscoverySelectors::selectClass).toArray(DiscoverySelector[]::new))
				.execute();
		}
		finally {
			if (before != null) {
				System.setProperty("concord.test.zookeeper.url", before);
			}
			else {
				System.clearProperty("concord.test.zookeeper.url");
			}
		}
	}

	static final class Seen {

		static final List<ZooKeeperCluster> clusters = new CopyOnWriteArrayList<>();

		private Seen() {
		}

	}

	@ZooKeeperTest
	@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
	static class DisturbingFixture {

		@Test
		@Order(1)
		void pausesOneAndKillsAnother(ZooKeeperCluster cluster) {
			Seen.clusters.add(cluster);
			cluster.node(0).pause();
			cluster.node(2).kill();
		}

		@Test
		@Order(2)
		void findsThemAllAgain(ZooKeeperCluster cluster) {
			Seen.clusters.add(cluster);
			assertThat(cluster.nodes()).allMatch(ZooKeeperNode::isServing);
		}

	}

	static class SecondFixture extends DisturbingFixture {

	}

}
