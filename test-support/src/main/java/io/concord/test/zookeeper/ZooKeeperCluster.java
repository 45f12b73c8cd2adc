package io.concord.test.zookeeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import io.concord.test.Await;
import io.concord.test.server.TestServer;

/**
 * A running ZooKeeper of several nodes. Thread-safe.
 */
public sealed class ZooKeeperCluster implements TestServer permits PrivateZooKeeperCluster {

	/** Tick time of the servers that tests start. */
	public static final Duration TICK_TIME = Duration.ofMillis(500);

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final Pattern VERSION = Pattern.compile("Zookeeper version: ([0-9.]+)");

	private final List<ZooKeeperNode> nodes;

	ZooKeeperCluster(List<ZooKeeperNode> nodes) {
		this.nodes = List.copyOf(nodes);
	}

	/**
	 * Where clients connect.
	 * @return the addresses of all nodes, as {@code host:port,host:port}
	 */
	public final String connectString() {
		return this.nodes.stream().map(ZooKeeperNode::toString).collect(Collectors.joining(","));
	}

	/**
	 * The nodes; three if the tests started them.
	 * @return the nodes
	 */
	public final List<ZooKeeperNode> nodes() {
		return this.nodes;
	}

	/**
	 * One of the nodes.
	 * @param index its number, from 0
	 * @return the node
	 */
	public final ZooKeeperNode node(int index) {
		return this.nodes.get(index);
	}

	@Override
	public final String version() {
		String answer = node(0).ask("srvr");
		Matcher version = VERSION.matcher(answer);
		return version.find() ? version.group(1) : "unknown";
	}

	/**
	 * The node that leads now. Waits for an election that is under way, and for a former
	 * leader that does not know yet.
	 * @return the leader
	 * @throws AssertionError if not exactly one leads for a minute
	 */
	public final ZooKeeperNode leader() {
		List<ZooKeeperNode> leaders = new ArrayList<>();
		Await.until(() -> "one node of " + this + " leads", BOUND, () -> {
			leaders.clear();
			this.nodes.stream().filter(ZooKeeperNode::isLeader).forEach(leaders::add);
			return leaders.size() == 1;
		});
		return leaders.get(0);
	}

	/**
	 * Wait until every node takes requests, and one of them leads.
	 * @throws AssertionError if that is not so within a minute
	 */
	public final void awaitServing() {
		Await.until(() -> "all nodes of " + this + " serve", BOUND,
				() -> this.nodes.stream().allMatch(ZooKeeperNode::isServing)
						&& this.nodes.stream().filter(ZooKeeperNode::isLeader).count() == 1);
	}

	/**
	 * End a session as the cluster does when its client has been silent for too long:
	 * ephemeral nodes go, and the client learns of it when it connects again, which it
	 * has to at once.
	 * @param id of the session, as {@code ZooKeeper.getSessionId()} gives it
	 * @param password of the session, as {@code ZooKeeper.getSessionPasswd()} gives it
	 * @throws UncheckedIOException if there is no such session, or no node serves
	 */
	public final void killSession(long id, byte[] password) {
		ZooKeeperNode node = this.nodes.stream()
			.filter(ZooKeeperNode::isServing)
			.findFirst()
			.orElseThrow(() -> new UncheckedIOException(new IOException("No node of " + this + " serves")));
		try (ZooKeeperConnection connection = ZooKeeperConnection.open(node.host(), node.port())) {
			connection.takeOverSession(id, password);
			connection.closeSession();
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot end session 0x" + Long.toHexString(id) + " at " + node, ex);
		}
	}

	/**
	 * How many messages of clients all nodes have received, pings and the questions of
	 * four letters included.
	 * @return the sum over the nodes
	 * @throws UncheckedIOException if a node does not answer
	 */
	public final long packetsReceived() {
		return this.nodes.stream().mapToLong((node) -> node.counter("zk_packets_received")).sum();
	}

	/** Lets paused nodes go on and starts killed ones. */
	final void restore() {
		boolean disturbed = false;
		for (ZooKeeperNode node : this.nodes) {
			disturbed |= node.restore();
		}
		if (disturbed) {
			awaitServing();
		}
	}

	final void end() {
		this.nodes.forEach((node) -> node.process().close());
	}

	@Override
	public final String toString() {
		return "ZooKeeper at " + connectString();
	}

}
