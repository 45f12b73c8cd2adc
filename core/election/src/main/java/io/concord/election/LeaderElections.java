package io.concord.election;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

import io.concord.lease.Claim;
import io.concord.lease.LeaseEngine;
import io.concord.lease.ResourceState;

/**
 * All elections of a node. Thread-safe.
 *
 * <p>
 * Elections with {@code spread} are balanced over the nodes that stand for them: a node
 * that is granted one leaves it to a candidate that leads fewer, and a leader with at
 * least two more than a candidate of the same election steps down from one. Both go by
 * what each node sees for itself, and need a store that can list who stands in line.
 */
public final class LeaderElections implements AutoCloseable {

	private final Context context;

	private final Duration leaseTime;

	private final Spread spread;

	private final ReentrantLock lock = new ReentrantLock();

	/** Changed under the lock only. */
	private final Map<String, Candidacy> elections = new ConcurrentHashMap<>();

	private boolean started;

	private LeaderElections(Builder builder) {
		LeaseEngine engine = builder.engine.get();
		if (!engine.store().capabilities().tokens()) {
			throw new IllegalArgumentException("The store " + engine.store().describe()
					+ " gives no fencing tokens, without which the terms of leaders can't be told apart.");
		}
		this.context = new Context(builder.engine, builder.node, builder.handOverTimeout,
				(builder.events != null) ? new EventListener(builder.events) : null, new Threads(), builder.nanoTime,
				builder.clock);
		this.leaseTime = builder.leaseTime;
		this.spread = new Spread(() -> builder.engine.get().id(), builder.nanoTime);
		try {
			builder.elections.forEach(this::add);
			requireLongEnough("of elections", builder.leaseTime);
		}
		catch (IllegalArgumentException ex) {
			this.context.threads().close();
			throw ex;
		}
	}

	/**
	 * Starts the description of the elections of a node.
	 * @param engine gives the engine that keeps the leases; may give another one after a
	 * restart
	 * @return a builder
	 */
	public static Builder builder(Supplier<LeaseEngine> engine) {
		return new Builder(engine);
	}

	private Candidacy add(ElectionSettings settings) {
		for (String known : this.elections.keySet()) {
			if (known.equals(settings.name())) {
				throw new IllegalArgumentException(
						"There are two elections '" + Names.abbreviate(known) + "'. Give each a name of its own.");
			}
			if (known.toLowerCase(Locale.ROOT).equals(settings.name().toLowerCase(Locale.ROOT))) {
				throw new IllegalArgumentException("There are elections '" + Names.abbreviate(known) + "' and '"
						+ Names.abbreviate(settings.name())
						+ "', which differ in upper and lower case only. Write one as the other, or name them apart.");
			}
		}
		requireLongEnough("of election '" + Names.abbreviate(settings.name()) + "'", settings.leaseTime());
		Candidacy election = new Candidacy(settings, this.context, this.spread);
		this.elections.put(settings.name(), election);
		return election;
	}

	private void requireLongEnough(String what, Duration leaseTime) {
		Duration least = this.context.engine().get().minLeaseTime();
		if (leaseTime.compareTo(least) < 0) {
			throw new IllegalArgumentException(
					"The lease time " + what + ", " + leaseTime.toMillis() + " ms, must be at least " + least.toMillis()
							+ " ms, twice the store's time-out. Use a longer lease time or a shorter time-out.");
		}
	}

	/**
	 * Returns an election.
	 * @param name its name
	 * @return the election
	 * @throws UnknownElectionException if it is neither among the settings nor named by
	 * an annotation
	 */
	public LeaderElection get(String name) {
		return find(name);
	}

	/**
	 * Returns all elections.
	 * @return the elections, in the order of their names
	 */
	public List<LeaderElection> all() {
		return List.copyOf(new TreeMap<String, LeaderElection>(this.elections).values());
	}

	Candidacy find(String name) {
		Candidacy election = this.elections.get(name);
		if (election == null) {
			throw new UnknownElectionException(name, this.elections.keySet());
		}
		return election;
	}

	/**
	 * Adds an election that an annotation names, unless there is one.
	 * @throws IllegalArgumentException if it can't be
	 */
	Candidacy declare(String name) {
		Candidacy election = this.elections.get(name);
		if (election != null) {
			return election;
		}
		this.lock.lock();
		try {
			election = this.elections.get(name);
			if (election == null) {
				election = add(new ElectionSettings(name, this.leaseTime));
				if (this.started) {
					start(election);
				}
			}
			return election;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Asks the store who stands in an election. One store call.
	 * @param name name of the election
	 * @return who leads and who stands in line, or empty if the store can't look
	 * @throws UnknownElectionException as {@link #get}
	 * @throws io.concord.lease.LeaseStoreException if the store failed
	 */
	public Optional<ElectionLine> inspect(String name) {
		Candidacy election = find(name);
		return this.context.engine().get().inspect(Names.resource(name)).map((state) -> describe(election, state));
	}

	private ElectionLine describe(Candidacy election, ResourceState state) {
		Leader leader = state.holders().isEmpty() ? null : election.describe(state.holders().get(0));
		return new ElectionLine(leader,
				state.line().stream().map((owner) -> ElectionNode.ofNote(Claim.noteOf(owner))).toList(),
				state.waiters());
	}

	/**
	 * Begins to look who leads, and joins the elections with {@code autoStart}. Does
	 * nothing if started.
	 */
	public void start() {
		this.lock.lock();
		try {
			if (!this.started) {
				this.started = true;
				this.elections.values().forEach(LeaderElections::start);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private static void start(Candidacy election) {
		election.watch();
		if (election.settings().autoStart()) {
			election.join();
		}
	}

	/**
	 * Leaves all elections. When this returns, this node leads none, and methods with
	 * {@link LeaderOnly} are no more let in; those that run are waited for in the
	 * background. May be started again.
	 * @return completes when others can lead, or the leaderships are left to their lease
	 * times
	 */
	public CompletableFuture<Void> stop() {
		this.lock.lock();
		try {
			this.started = false;
			List<CompletableFuture<?>> leaving = new ArrayList<>();
			for (Candidacy election : this.elections.values()) {
				election.stopWatching();
				leaving.add(election.leaveAndHandOver("the application shuts down"));
			}
			return CompletableFuture.allOf(leaving.toArray(CompletableFuture<?>[]::new));
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Stops for good, without waiting for what runs.
	 */
	@Override
	public void close() {
		stop().whenComplete((nothing, failure) -> this.context.threads().close());
	}

	/** Publishes what a listener is told. */
	private record EventListener(ApplicationEventPublisher publisher) implements LeadershipListener {

		@Override
		public void granted(Leadership leadership) {
			this.publisher.publishEvent(new LeadershipGrantedEvent(leadership));
		}

		@Override
		public void revoked(Leadership leadership, String reason) {
			this.publisher.publishEvent(new LeadershipRevokedEvent(leadership, reason));
		}

		@Override
		public void leaderChanged(String election, Leader leader) {
			this.publisher.publishEvent(new LeaderChangedEvent(election, leader));
		}

	}

	/**
	 * Describes the elections of a node. Not thread-safe.
	 */
	public static final class Builder {

		private final Supplier<LeaseEngine> engine;

		private final List<ElectionSettings> elections = new ArrayList<>();

		private Supplier<ElectionNode> node = () -> new ElectionNode(ElectionNode.UNNAMED, null);

		private Duration leaseTime = ElectionSettings.DEFAULT_LEASE_TIME;

		private Duration handOverTimeout = LeaseEngine.DEFAULT_SHUTDOWN_TIMEOUT;

		private @Nullable ApplicationEventPublisher events;

		private LongSupplier nanoTime = System::nanoTime;

		private Clock clock = Clock.systemUTC();

		private Builder(Supplier<LeaseEngine> engine) {
			this.engine = engine;
		}

		/**
		 * Sets what the node tells others of itself.
		 * @param node asked at each candidacy, so it may know more after the start; by
		 * default nothing
		 * @return this builder
		 */
		public Builder node(Supplier<ElectionNode> node) {
			this.node = node;
			return this;
		}

		/**
		 * Adds elections.
		 * @param elections how the node takes part in them
		 * @return this builder
		 */
		public Builder elections(Collection<ElectionSettings> elections) {
			this.elections.addAll(elections);
			return this;
		}

		/**
		 * Sets the lease time of elections that only an annotation names.
		 * @param leaseTime the lease time; default
		 * {@link ElectionSettings#DEFAULT_LEASE_TIME}
		 * @return this builder
		 */
		public Builder leaseTime(Duration leaseTime) {
			this.leaseTime = leaseTime;
			return this;
		}

		/**
		 * Sets how long a node that steps down waits for methods and listeners, before
		 * its leadership is left to its lease time.
		 * @param timeout zero or longer; default
		 * {@link LeaseEngine#DEFAULT_SHUTDOWN_TIMEOUT}
		 * @return this builder
		 */
		public Builder handOverTimeout(Duration timeout) {
			if (timeout.isNegative()) {
				throw new IllegalArgumentException("The hand-over time-out must not be negative: " + timeout);
			}
			this.handOverTimeout = timeout;
			return this;
		}

		/**
		 * Sets who publishes events.
		 * @param events the publisher; by default no events are published
		 * @return this builder
		 */
		public Builder events(ApplicationEventPublisher events) {
			this.events = events;
			return this;
		}

		Builder nanoTime(LongSupplier clock) {
			this.nanoTime = clock;
			return this;
		}

		Builder clock(Clock clock) {
			this.clock = clock;
			return this;
		}

		/**
		 * Builds the elections. They do nothing until they are
		 * {@linkplain LeaderElections#start() started}.
		 * @return new elections, to be closed
		 * @throws IllegalArgumentException if two have the same name, a lease time is
		 * shorter than {@link LeaseEngine#minLeaseTime()}, or the store gives no tokens
		 */
		public LeaderElections build() {
			return new LeaderElections(this);
		}

	}

}
