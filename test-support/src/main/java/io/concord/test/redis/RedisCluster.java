package io.concord.test.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.concord.test.Await;
import io.concord.test.server.ServerKind;
import io.concord.test.server.ServerProcess;
import io.concord.test.server.ServerSources;
import io.concord.test.server.StartedServer;
import io.concord.test.server.TestServer;

/**
 * A Redis Cluster of three masters without replicas, each a process of its own. A master
 * that is killed and started again comes back with its slots and without data.
 * Thread-safe.
 */
public final class RedisCluster implements TestServer, AutoCloseable {

	/** The number of slots of every cluster. */
	public static final int SLOTS = 16_384;

	private static final int MASTERS = 3;

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final List<String> OPTIONS = List.of("--cluster-enabled", "yes", "--cluster-config-file",
			"nodes.conf", "--cluster-node-timeout", "2000", "--cluster-announce-ip", "127.0.0.1");

	private final List<PrivateRedisServer> nodes;

	private RedisCluster(List<PrivateRedisServer> nodes) {
		this.nodes = List.copyOf(nodes);
	}

	/**
	 * Start a cluster from a local or embedded binary, see {@link RedisServerTest}, and
	 * wait until it serves.
	 * @return the cluster, to be closed by the caller
	 * @throws io.concord.test.server.ServerStartException if there is no such binary or
	 * it does not start, and Redis is required or a certain binary was asked for
	 * @throws io.concord.test.server.ServerAbsentException the same otherwise: it skips
	 * the test
	 */
	public static RedisCluster start() {
		return ServerSources
			.startFirst(ServerKind.REDIS, "a Redis Cluster",
					new RedisSources(System::getProperty, System::getenv).forTopology(RedisCluster::start))
			.server();
	}

	static StartedServer<RedisCluster> start(RedisDefinition redis) {
		List<PrivateRedisServer> nodes = new ArrayList<>();
		RedisCluster cluster = null;
		try {
			for (int i = 0; i < MASTERS; i++) {
				nodes.add(new PrivateRedisServer(ServerProcess.start(RedisNodeDefinition.of(redis, OPTIONS))));
			}
			cluster = new RedisCluster(nodes);
			cluster.meet();
			cluster.awaitServing();
			return new StartedServer<>(cluster, cluster::close);
		}
		catch (RuntimeException | Error ex) {
			nodes.forEach(PrivateRedisServer::close);
			throw ex;
		}
	}

	private void meet() {
		for (int i = 0; i < MASTERS; i++) {
			int index = i;
			List<String> slots = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
			// Before version 7 it takes no range.
			IntStream.range(0, SLOTS)
				.filter((slot) -> slot * MASTERS / SLOTS == index)
				.forEach((slot) -> slots.add(Integer.toString(slot)));
			node(i).call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(i + 1));
			node(i).call(slots.toArray(String[]::new));
			if (i > 0) {
				node(0).call("CLUSTER", "MEET", node(i).host(), Integer.toString(node(i).port()));
			}
		}
	}

	/**
	 * The masters.
	 * @return the nodes, three
	 */
	public List<PrivateRedisServer> nodes() {
		return this.nodes;
	}

	/**
	 * One of the masters.
	 * @param index its number, from 0
	 * @return the node
	 */
	public PrivateRedisServer node(int index) {
		return this.nodes.get(index);
	}

	/**
	 * Where clients connect.
	 * @return the addresses of all nodes, each as {@code host:port}
	 */
	public List<String> addresses() {
		return this.nodes.stream().map((node) -> node.host() + ":" + node.port()).toList();
	}

	/**
	 * The slot of a key.
	 * @param key the key
	 * @return its number, from 0
	 */
	public int slot(String key) {
		return Integer.parseInt(node(0).call("CLUSTER", "KEYSLOT", key));
	}

	/**
	 * The node that a slot belongs to.
	 * @param slot the number of the slot
	 * @return the node
	 */
	public PrivateRedisServer owner(int slot) {
		return this.nodes.stream()
			.filter((node) -> owns(node, slot))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("No node of " + this + " has slot " + slot));
	}

	/** Whether a node says so of itself. */
	private static boolean owns(PrivateRedisServer node, int slot) {
		String[] line = node.call("CLUSTER", "NODES")
			.lines()
			.filter((candidate) -> candidate.contains("myself"))
			.findFirst()
			.orElseThrow()
			.split(" ");
		return Stream.of(line).skip(8).filter((range) -> !range.startsWith("[")).anyMatch((range) -> {
			String[] ends = range.split("-");
			return Integer.parseInt(ends[0]) <= slot && slot <= Integer.parseInt(ends[ends.length - 1]);
		});
	}

	/**
	 * Move a slot with all its keys to another node, and wait until all nodes know.
	 * @param slot the number of the slot
	 * @param target where it goes
	 */
	public void moveSlot(int slot, PrivateRedisServer target) {
		try (Migration migration = beginMigration(slot, target)) {
			migration.moveKeys();
		}
	}

	/**
	 * Begin to move a slot. Until the end, clients are asked to follow keys that have
	 * been moved, and multi-key calls for keys of which some have been are refused.
	 * @param slot the number of the slot
	 * @param target where it goes
	 * @return the move, which its close ends
	 */
	public Migration beginMigration(int slot, PrivateRedisServer target) {
		PrivateRedisServer source = owner(slot);
		target.call("CLUSTER", "SETSLOT", Integer.toString(slot), "IMPORTING", id(source));
		source.call("CLUSTER", "SETSLOT", Integer.toString(slot), "MIGRATING", id(target));
		return new Migration(slot, source, target);
	}

	/**
	 * How often the nodes were called since {@link #resetCommandCounts()}, see
	 * {@link RedisServer#commandCounts()}.
	 * @return calls by command, summed over the nodes
	 */
	public Map<String, Long> commandCounts() {
		Map<String, Long> counts = new TreeMap<>();
		this.nodes.forEach(
				(node) -> node.commandCounts().forEach((command, calls) -> counts.merge(command, calls, Long::sum)));
		return counts;
	}

	/**
	 * Let {@link #commandCounts()} start from nothing.
	 */
	public void resetCommandCounts() {
		this.nodes.forEach(RedisServer::resetCommandCounts);
	}

	/**
	 * Wait until every node runs and says that the cluster is whole.
	 * @throws AssertionError if that is not so within a minute
	 */
	public void awaitServing() {
		Await.until(() -> this + " serves", BOUND,
				() -> this.nodes.stream().allMatch((node) -> isServing(node) && knowsAll(node)));
	}

	private static boolean isServing(PrivateRedisServer node) {
		return node.call("CLUSTER", "INFO").contains("cluster_state:ok");
	}

	private static boolean knowsAll(PrivateRedisServer node) {
		List<String> connected = node.call("CLUSTER", "NODES")
			.lines()
			.filter((line) -> line.contains("connected") && !line.contains("handshake") && !line.contains("fail"))
			.toList();
		return connected.size() == MASTERS;
	}

	@Override
	public String version() {
		return node(0).version();
	}

	/** Lets paused nodes go on and starts killed ones. */
	void restore() {
		boolean disturbed = false;
		for (PrivateRedisServer node : this.nodes) {
			node.resume();
			if (!node.process().isAlive()) {
				node.restart();
				disturbed = true;
			}
		}
		if (disturbed) {
			awaitServing();
		}
	}

	/**
	 * End all nodes and delete what they have written. Has no effect the second time.
	 */
	@Override
	public void close() {
		this.nodes.forEach(PrivateRedisServer::close);
	}

	@Override
	public String toString() {
		return "Redis Cluster at " + String.join(",", addresses());
	}

	private static String id(PrivateRedisServer node) {
		return node.call("CLUSTER", "MYID");
	}

	/**
	 * A slot on its way to another node.
	 */
	public final class Migration implements AutoCloseable {

		private final int slot;

		private final PrivateRedisServer source;

		private final PrivateRedisServer target;

		private Migration(int slot, PrivateRedisServer source, PrivateRedisServer target) {
			this.slot = slot;
			this.source = source;
			this.target = target;
		}

		/**
		 * Move the keys that the slot has now.
		 */
		public void moveKeys() {
			this.source.list("CLUSTER", "GETKEYSINSLOT", Integer.toString(this.slot), "1000").forEach(this::moveKey);
		}

		/**
		 * Move one key.
		 * @param key the key
		 */
		public void moveKey(String key) {
			this.source.call("MIGRATE", this.target.host(), Integer.toString(this.target.port()), key, "0", "5000");
		}

		/**
		 * Give the slot to its new node, and wait until all nodes know.
		 */
		@Override
		public void close() {
			String owner = id(this.target);
			// The new one first, so that the slot is somebody's all the time.
			Stream.concat(Stream.of(this.target), RedisCluster.this.nodes.stream())
				.distinct()
				.forEach((node) -> node.call("CLUSTER", "SETSLOT", Integer.toString(this.slot), "NODE", owner));
		}

	}

}
