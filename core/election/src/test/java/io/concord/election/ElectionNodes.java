package io.concord.election;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreDecorator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several nodes in one JVM, each with an engine of its own and a way to the store that
 * can be cut, and a record of who led. For the tests of this module and of stores.
 */
public final class ElectionNodes implements AutoCloseable {

	/** Longer than anything takes that works. */
	public static final Duration BOUND = Duration.ofSeconds(60);

	private final Duration storeTimeout;

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final List<Node> nodes = new CopyOnWriteArrayList<>();

	/** Leaderships in the order in which they were told. */
	private final List<Granted> granted = new CopyOnWriteArrayList<>();

	private final List<String> violations = new CopyOnWriteArrayList<>();

	/**
	 * Creates none yet.
	 * @param storeTimeout the time-out of their store calls
	 */
	public ElectionNodes(Duration storeTimeout) {
		this.storeTimeout = storeTimeout;
	}

	/**
	 * Starts a node.
	 * @param id what it is called
	 * @param store its way to the store, closed with it
	 * @param elections what it takes part in
	 * @return the node
	 */
	public Node start(String id, LeaseStore store, ElectionSettings... elections) {
		Node node = build(id, store, (builder) -> builder, List.of(elections));
		node.elections.start();
		return node;
	}

	Node build(String id, LeaseStore store, UnaryOperator<LeaderElections.Builder> more,
			Collection<ElectionSettings> elections) {
		Way way = new Way(store);
		LeaseEngine engine = LeaseEngine.builder(way)
			.storeTimeout(this.storeTimeout)
			.shutdownTimeout(Duration.ofSeconds(5))
			.build();
		LeaderElections built = more
			.apply(LeaderElections.builder(() -> engine)
				.node(() -> new ElectionNode(id, id + ".example:80"))
				.elections(elections))
			.build();
		Node node = new Node(id, way, engine, built);
		for (LeaderElection election : built.all()) {
			election.addListener(new Recorder(node, election));
		}
		this.nodes.add(node);
		this.open.push(node);
		return node;
	}

	/** Ends with the nodes, after them. */
	public void closeLater(AutoCloseable resource) {
		this.open.addLast(resource);
	}

	/**
	 * Waits until one of the nodes leads.
	 * @return that node
	 */
	public Node awaitLeader(String election) {
		await(() -> leader(election).isPresent(), "a leader");
		return leader(election).orElseGet(() -> awaitLeader(election));
	}

	private Optional<Node> leader(String election) {
		return this.nodes.stream().filter((node) -> node.election(election).isLeader()).findFirst();
	}

	/**
	 * Waits until another node leads than one.
	 * @return the node
	 */
	public Node awaitLeaderOtherThan(Node before, String election) {
		await(() -> this.nodes.stream().anyMatch((node) -> node != before && node.election(election).isLeader()),
				"another leader than " + before.id);
		return this.nodes.stream()
			.filter((node) -> node != before && node.election(election).isLeader())
			.findFirst()
			.orElseGet(() -> awaitLeaderOtherThan(before, election));
	}

	/** Terms of an election in the order in which their leaders were told. */
	public List<Long> terms(String election) {
		return this.granted.stream().filter((one) -> one.election().equals(election)).map(Granted::term).toList();
	}

	/** Asserts that no two led at a time, nor in the same term. */
	public void assertSound(String election) {
		assertThat(this.violations).isEmpty();
		assertThat(terms(election)).doesNotHaveDuplicates();
	}

	/** Waits for a condition. */
	public static void await(BooleanSupplier condition, String what) {
		long end = System.nanoTime() + BOUND.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as(what + " within " + BOUND).isLessThan(end);
			LockSupport.parkNanos(500_000);
		}
	}

	/** Store calls of all nodes so far. */
	long storeCalls() {
		return this.nodes.stream().mapToLong((node) -> node.way.calls()).sum();
	}

	/** Ends all there are. Others may be started. */
	@Override
	public void close() {
		while (!this.open.isEmpty()) {
			AutoCloseable one = this.open.pop();
			try {
				one.close();
			}
			catch (Exception ex) {
				throw new AssertionError("Could not be closed: " + one, ex);
			}
		}
		this.nodes.clear();
	}

	private record Granted(String election, String node, long term) {
	}

	/** A node. */
	public static final class Node implements AutoCloseable {

		final String id;

		final Way way;

		final LeaseEngine engine;

		final LeaderElections elections;

		Node(String id, Way way, LeaseEngine engine, LeaderElections elections) {
			this.id = id;
			this.way = way;
			this.engine = engine;
			this.elections = elections;
		}

		/** What it is called. */
		public String id() {
			return this.id;
		}

		/** Its elections. */
		public LeaderElections elections() {
			return this.elections;
		}

		/** One of its elections. */
		public LeaderElection election(String name) {
			return this.elections.get(name);
		}

		/** Cuts its way to the store, or mends it. */
		public void cut(boolean cut) {
			this.way.cut = cut;
		}

		/** Shuts it down as an application does. */
		@Override
		public void close() {
			this.elections.stop();
			this.engine.close();
			this.elections.close();
			this.way.close();
		}

	}

	/** The way to a store: counts, and can be cut. */
	static final class Way extends StoreDecorator {

		final AtomicInteger claims = new AtomicInteger();

		final AtomicInteger refreshes = new AtomicInteger();

		final AtomicInteger releases = new AtomicInteger();

		final AtomicInteger looks = new AtomicInteger();

		final AtomicInteger hints = new AtomicInteger();

		volatile boolean cut;

		volatile @Nullable Runnable onInspect;

		Way(LeaseStore store) {
			super(store);
		}

		long calls() {
			return this.claims.get() + this.refreshes.get() + this.releases.get() + this.looks.get();
		}

		private void pass(AtomicInteger counter) {
			counter.incrementAndGet();
			if (this.cut) {
				throw new LeaseStoreException("The way to the store is cut");
			}
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			pass(this.claims);
			return super.claim(claim, timeout);
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			pass(this.refreshes);
			return super.refresh(claim, timeout);
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			pass(this.releases);
			return super.release(claim, bar, timeout);
		}

		@Override
		public Optional<ResourceState> inspect(String resource, Duration timeout) {
			Runnable before = this.onInspect;
			if (before != null) {
				before.run();
			}
			pass(this.looks);
			return super.inspect(resource, timeout);
		}

		@Override
		public void listen(String engine, Consumer<String> offered) {
			super.listen(engine, (owner) -> {
				this.hints.incrementAndGet();
				if (!this.cut) {
					offered.accept(owner);
				}
			});
		}

	}

	/** Writes down who leads, and that nobody else does. */
	private final class Recorder implements LeadershipListener {

		private final Node node;

		private final LeaderElection election;

		Recorder(Node node, LeaderElection election) {
			this.node = node;
			this.election = election;
		}

		@Override
		public void granted(Leadership leadership) {
			ElectionNodes.this.granted.add(new Granted(this.election.name(), this.node.id, leadership.term()));
			for (Node other : ElectionNodes.this.nodes) {
				// If it is held before and after, whoever leads in between leads beside
				// it.
				if (other != this.node && leadership.isHeld() && other.election(this.election.name()).isLeader()
						&& leadership.isHeld()) {
					ElectionNodes.this.violations
						.add(other.id + " leads beside " + this.node.id + " in term " + leadership.term());
				}
			}
		}

	}

}
