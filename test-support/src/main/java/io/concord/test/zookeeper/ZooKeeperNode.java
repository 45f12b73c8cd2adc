package io.concord.test.zookeeper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.ServerProcess;

/**
 * A node of a {@link ZooKeeperCluster}. Thread-safe.
 */
public final class ZooKeeperNode {

	private static final Pattern SERVES = Pattern.compile("(?m)^Mode: (leader|follower|observer|standalone)$");

	private static final Pattern LEADS = Pattern.compile("(?m)^Mode: (leader|standalone)$");

	private final String host;

	private final int port;

	private final @Nullable ServerProcess process;

	/** Whether it has been paused or killed since {@link #restore()}. */
	private volatile boolean disturbed;

	/** Then there is no use in asking it. */
	private volatile boolean paused;

	ZooKeeperNode(String host, int port, @Nullable ServerProcess process) {
		this.host = host;
		this.port = port;
		this.process = process;
	}

	/**
	 * The host to connect to.
	 * @return the host
	 */
	public String host() {
		return this.host;
	}

	/**
	 * The port to connect to, the same after a restart.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * The process id, another one after a restart.
	 * @return the process id
	 * @throws IllegalStateException if the tests did not start the node
	 */
	public long pid() {
		return process().pid();
	}

	/**
	 * Stop the node where it is ({@code SIGSTOP}): connections stay open, and nothing
	 * answers.
	 * @throws IllegalStateException if the tests did not start the node, or it has ended
	 */
	public void pause() {
		ServerProcess own = process();
		this.disturbed = true;
		own.pause();
		this.paused = true;
	}

	/**
	 * Let a paused node go on. Has no effect on one that is not paused.
	 * @throws IllegalStateException if the tests did not start the node
	 */
	public void resume() {
		this.paused = false;
		process().resume();
	}

	/**
	 * End the node without giving it a chance ({@code SIGKILL}). It keeps its data.
	 * @throws IllegalStateException if the tests did not start the node
	 */
	public void kill() {
		ServerProcess own = process();
		this.disturbed = true;
		this.paused = false;
		own.kill();
	}

	/**
	 * Kill the node unless it has ended, start it again with its data and its port, and
	 * return when it listens. It serves when there is a majority, see
	 * {@link ZooKeeperCluster#awaitServing()}.
	 * @throws IllegalStateException if the tests did not start the node, or it does not
	 * start
	 */
	public void restart() {
		ServerProcess own = process();
		this.disturbed = true;
		this.paused = false;
		own.restart();
	}

	/**
	 * Whether the node takes requests: it listens and believes that it belongs to a
	 * majority.
	 * @return whether it serves; false also if it is paused or does not answer in some
	 * seconds
	 */
	public boolean isServing() {
		return SERVES.matcher(askOrNothing("srvr")).find();
	}

	/**
	 * Whether the node believes that it leads. One that was paused does for a while,
	 * though another leads by then: see {@link ZooKeeperCluster#leader()}.
	 * @return whether it leads; false also if it is paused or does not answer in some
	 * seconds
	 */
	public boolean isLeader() {
		return LEADS.matcher(askOrNothing("srvr")).find();
	}

	/**
	 * Ask one of the questions of four letters, such as {@code cons}.
	 * @param word the question
	 * @return the answer
	 * @throws UncheckedIOException if there is none
	 */
	public String ask(String word) {
		try {
			return ZooKeeperConnection.ask(this.host, this.port, word);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(this + " does not answer " + word, ex);
		}
	}

	/**
	 * What the node counts, from {@code mntr}: {@code zk_packets_received},
	 * {@code zk_watch_count}, {@code zk_commit_count} and so on.
	 * @return the whole numbers by their names, sorted; those that are not whole are left
	 * out
	 * @throws UncheckedIOException if the node does not answer
	 */
	public Map<String, Long> counters() {
		Map<String, Long> counters = new TreeMap<>();
		ask("mntr").lines().forEach((line) -> {
			String[] entry = line.split("\t", 2);
			if (entry.length == 2 && entry[1].matches("-?\\d{1,18}")) {
				counters.put(entry[0], Long.valueOf(entry[1]));
			}
		});
		return counters;
	}

	/**
	 * One of the {@link #counters()}.
	 * @param name its name, such as {@code zk_packets_received}
	 * @return its value
	 * @throws UncheckedIOException if the node does not answer
	 * @throws IllegalArgumentException if the node counts nothing of this name
	 */
	public long counter(String name) {
		Long value = counters().get(name);
		if (value == null) {
			throw new IllegalArgumentException(this + " counts no " + name);
		}
		return value;
	}

	/**
	 * The id of the last transaction that the node knows: the lower 32 bits count the
	 * writes under one leader, sessions that begin and end included.
	 * @return the zxid
	 * @throws UncheckedIOException if the node does not answer
	 * @throws IllegalStateException if the node does not serve
	 */
	public long zxid() {
		String answer = ask("srvr");
		return answer.lines()
			.filter((line) -> line.startsWith("Zxid: 0x"))
			.mapToLong((line) -> Long.parseUnsignedLong(line.substring("Zxid: 0x".length()), 16))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException(this + " does not serve: " + answer));
	}

	private String askOrNothing(String word) {
		if (this.paused) {
			return "";
		}
		try {
			return ZooKeeperConnection.ask(this.host, this.port, word);
		}
		catch (IOException ex) {
			return "";
		}
	}

	/** Whether there was anything to do. */
	boolean restore() {
		if (!this.disturbed) {
			return false;
		}
		ServerProcess own = process();
		resume();
		if (!own.isAlive()) {
			own.restart();
		}
		this.disturbed = false;
		return true;
	}

	ServerProcess process() {
		if (this.process == null) {
			throw new IllegalStateException("The tests did not start " + this + " as a process of their own. "
					+ "Run without -Dconcord.test.zookeeper.url");
		}
		return this.process;
	}

	@Override
	public String toString() {
		return this.host + ":" + this.port;
	}

}
