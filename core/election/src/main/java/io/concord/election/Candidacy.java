package io.concord.election;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.election.ElectionStatus.State;
import io.concord.lease.Claim;
import io.concord.lease.HandOver;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseEngineClosedException;
import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ResourceState;
import io.concord.lease.WaitingPace;

/**
 * An election as one node takes part in it.
 *
 * <p>
 * A leadership is an exclusive lease that renews itself and is never passed on inside of
 * the process, so each has a token of its own, its term. The steps:
 *
 * <pre>
 *            join            granted             stepDown, leave
 *     OUT ---------&gt; CANDIDATE ---------&gt; LEADER ---------&gt; STEPPING_DOWN
 *      ^                ^  ^                |                     |
 *      |                |  '--- lost -------'                     | bodies have ended: released,
 *      |                '------------------- PAUSED &lt;-------------| or else abandoned
 *      '------------- leave, from everywhere ---------------------'
 * </pre>
 *
 * <p>
 * Who owns what: {@code lock} guards every change and is never held while anything waits
 * or calls others. {@code round} goes up with each step into or out of the line, and what
 * comes late for an earlier round, a grant or the end of a pause, finds that and does
 * nothing, but to give back what it brings. {@code current} is set exactly while the
 * state is LEADER, {@code ending} exactly while it is STEPPING_DOWN; the lease itself
 * says when it is over. Listeners are told by one chain, in the order of the changes.
 */
final class Candidacy implements LeaderElection {

	private static final Logger logger = LoggerFactory.getLogger(Candidacy.class);

	/** Begins the names of meters. */
	private static final String FEATURE = "election";

	/** A place in line outlives a dead candidate by so much, if the lease is longer. */
	private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(10);

	/** Between two looks of the first in line, in case a hint is lost. */
	static final Duration LEAST_PAUSE = Duration.ofMillis(500);

	static final Duration LEAST_PAUSE_WITHOUT_HINTS = Duration.ofMillis(250);

	/** How soon to look again when no leader was seen; doubled from look to look. */
	private static final Duration FIRST_LOOK = Duration.ofMillis(250);

	private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(100);

	private static final Duration LONGEST_PAUSE_AFTER_FAILURE = Duration.ofSeconds(2);

	private static final long LOOK_FOR_CONFIRMATION_NANOS = 10_000_000;

	private final ElectionSettings settings;

	private final Context context;

	private final Spread spread;

	private final String name;

	private final Duration lookInterval;

	private final List<LeadershipListener> listeners = new CopyOnWriteArrayList<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition granted = this.lock.newCondition();

	private State state = State.OUT;

	/** Whether it is to be a candidate, as soon as that can be. */
	private boolean wanted;

	private long round;

	private @Nullable CompletableFuture<Optional<Lease>> acquiring;

	private volatile @Nullable HeldLeadership current;

	private @Nullable HeldLeadership ending;

	private Duration pauseAfterEnding = Duration.ZERO;

	private CompletableFuture<@Nullable Void> handedOver = CompletableFuture.completedFuture(null);

	/** The end of the chain of what listeners are told. */
	private CompletableFuture<@Nullable Void> told = CompletableFuture.completedFuture(null);

	private Duration pauseAfterFailure = PAUSE_AFTER_FAILURE;

	private boolean watching;

	/** Goes up with each change of the leader that is known. */
	private long seen;

	private long changes;

	private @Nullable Leader leader;

	private final Deque<Leader> lastLeaders = new ArrayDeque<>();

	private @Nullable ScheduledFuture<?> look;

	private Duration lookAgain = FIRST_LOOK;

	/** Since when no leader is known, on {@code nanoTime}. */
	private OptionalLong withoutSince = OptionalLong.empty();

	private long withoutNanos;

	private boolean warnedOfStore;

	Candidacy(ElectionSettings settings, Context context, Spread spread) {
		this.settings = settings;
		this.context = context;
		this.spread = spread;
		this.name = settings.name();
		this.lookInterval = settings.leaseTime().dividedBy(3);
		if (context.events() != null) {
			this.listeners.add(context.events());
		}
	}

	@Override
	public String name() {
		return this.name;
	}

	ElectionSettings settings() {
		return this.settings;
	}

	@Override
	public boolean isLeader() {
		HeldLeadership now = this.current;
		return now != null && now.isHeld();
	}

	@Override
	public long term() {
		return leadership().orElseThrow(this::notLeader).term();
	}

	@Override
	public Optional<Leadership> leadership() {
		HeldLeadership now = this.current;
		return (now != null && now.isHeld()) ? Optional.of(now) : Optional.empty();
	}

	@Override
	public Optional<Leader> leader() {
		this.lock.lock();
		try {
			return Optional.ofNullable(this.leader);
		}
		finally {
			this.lock.unlock();
		}
	}

	NotLeaderException notLeader() {
		return new NotLeaderException(this.name, leader().orElse(null));
	}

	/**
	 * Lets a body in.
	 * @return null if this node doesn't lead
	 */
	@Nullable Body enter(OnRevoked onRevoked, boolean bound) {
		HeldLeadership now = this.current;
		if (now == null) {
			this.lock.lock();
			try {
				now = this.ending;
			}
			finally {
				this.lock.unlock();
			}
		}
		return (now != null) ? now.enter(onRevoked, bound) : null;
	}

	@Override
	public boolean awaitLeadership(Duration timeout) {
		this.lock.lock();
		try {
			long left = timeout.toNanos();
			while (!isLeader()) {
				if (left <= 0) {
					return false;
				}
				if (this.current == null) {
					left = this.granted.awaitNanos(left);
				}
				else {
					// A lease that is suspect, until the store has confirmed it.
					long slept = Math.min(left, LOOK_FOR_CONFIRMATION_NANOS);
					left -= slept - this.granted.awaitNanos(slept);
				}
			}
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LeaseInterruptedException(
					"Interrupted while waiting to lead the election '" + Names.abbreviate(this.name) + "'");
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void join() {
		this.lock.lock();
		try {
			this.wanted = true;
			if (this.state == State.OUT || this.state == State.PAUSED) {
				enterLine();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void leave() {
		leaveAndHandOver("it leaves the election");
	}

	/**
	 * Leaves.
	 * @return completes when this node leads no more and has handed over
	 */
	CompletableFuture<@Nullable Void> leaveAndHandOver(String why) {
		CompletableFuture<Optional<Lease>> cancelled;
		this.lock.lock();
		try {
			this.wanted = false;
			if (this.state == State.STEPPING_DOWN) {
				return this.handedOver;
			}
			cancelled = this.acquiring;
			if (this.state != State.LEADER) {
				this.acquiring = null;
				this.state = State.OUT;
				this.round++;
			}
		}
		finally {
			this.lock.unlock();
		}
		if (cancelled != null) {
			cancelled.cancel(true);
		}
		return resign(Duration.ZERO, why).orElseGet(() -> CompletableFuture.completedFuture(null));
	}

	@Override
	public boolean stepDown(Duration pause) {
		if (pause.isNegative()) {
			throw new IllegalArgumentException("The pause after stepping down must not be negative: " + pause);
		}
		return resign(pause, "it steps down").isPresent();
	}

	private Optional<CompletableFuture<@Nullable Void>> resign(Duration pause, String why) {
		HeldLeadership led;
		CompletableFuture<@Nullable Void> listenersTold;
		CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
		this.lock.lock();
		try {
			led = this.current;
			if (led == null) {
				return Optional.empty();
			}
			this.current = null;
			this.ending = led;
			this.pauseAfterEnding = pause;
			this.handedOver = done;
			this.state = State.STEPPING_DOWN;
			listenersTold = tellRevoked(led, why);
		}
		finally {
			this.lock.unlock();
		}
		logger.info("This node leads the election '{}' of term {} no more: {}", Names.abbreviate(this.name), led.term(),
				why);
		led.end(why);
		ScheduledFuture<?> timeout = this.context.threads()
			.schedule(this.context.handOverTimeout(),
					() -> led.lease()
						.abandon("methods and listeners did not end within " + this.context.handOverTimeout().toMillis()
								+ " ms after it has ceased to lead: " + why));
		CompletableFuture.allOf(led.idle(), listenersTold)
			.thenRunAsync(() -> handOver(led, timeout), this.context.threads());
		return Optional.of(done);
	}

	/** Releases under no body. One whose lease was lost meanwhile withdraws it. */
	private void handOver(HeldLeadership led, @Nullable ScheduledFuture<?> timeout) {
		if (timeout != null) {
			timeout.cancel(false);
		}
		led.lease().release();
		ended(led);
	}

	private void ended(HeldLeadership led) {
		CompletableFuture<@Nullable Void> done;
		this.lock.lock();
		try {
			if (this.ending != led) {
				return;
			}
			this.ending = null;
			done = this.handedOver;
			forgetLeader();
			sawForSpread(null);
			rest(this.pauseAfterEnding);
		}
		finally {
			this.lock.unlock();
		}
		done.complete(null);
	}

	/** Under the lock. */
	private void rest(Duration pause) {
		if (!this.wanted) {
			this.state = State.OUT;
		}
		else if (pause.isZero()) {
			enterLine();
		}
		else {
			this.state = State.PAUSED;
			long mine = ++this.round;
			this.context.threads().schedule(pause, () -> rested(mine));
		}
	}

	private void rested(long mine) {
		this.lock.lock();
		try {
			if (this.round == mine) {
				enterLine();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private void enterLine() {
		this.state = State.CANDIDATE;
		long mine = ++this.round;
		this.context.threads().execute(() -> ask(mine));
	}

	private void ask(long mine) {
		CompletableFuture<Optional<Lease>> asked;
		try {
			asked = this.context.engine().get().acquireAsync(request());
		}
		catch (RuntimeException ex) {
			failed(mine, ex);
			return;
		}
		boolean late;
		this.lock.lock();
		try {
			late = this.round != mine;
			if (!late) {
				this.acquiring = asked;
			}
		}
		finally {
			this.lock.unlock();
		}
		if (late) {
			asked.cancel(true);
		}
		asked.whenComplete((lease, failure) -> {
			if (failure != null) {
				failed(mine, failure);
			}
			else if (lease.isPresent()) {
				// What follows makes store calls, which is not for who completes this.
				this.context.threads().execute(() -> granted(mine, lease.get()));
			}
			else {
				failed(mine, new LeaseStoreException("It was refused without having waited"));
			}
		});
	}

	private LeaseRequest request() {
		LeaseEngine engine = this.context.engine().get();
		Duration patience = least(this.settings.leaseTime().multipliedBy(2).dividedBy(3), LONGEST_PATIENCE);
		boolean hints = engine.store().capabilities().hints();
		return LeaseRequest.exclusive(resource(), LeaseRequest.FOREVER, this.settings.leaseTime())
			.withHandOver(HandOver.NONE)
			.labelled(new LeaseLabel(FEATURE, this.name))
			.withPace(new WaitingPace(patience, hints ? LEAST_PAUSE : LEAST_PAUSE_WITHOUT_HINTS))
			.withNote(node().note());
	}

	private ElectionNode node() {
		ElectionNode node = this.context.node().get();
		String address = this.settings.address();
		return (address != null) ? new ElectionNode(node.id(), address) : node;
	}

	private static Duration least(Duration a, Duration b) {
		return (a.compareTo(b) < 0) ? a : b;
	}

	private String resource() {
		return Names.resource(this.name);
	}

	private void failed(long mine, Throwable failure) {
		Duration pause;
		boolean first;
		this.lock.lock();
		try {
			if (this.round != mine || failure instanceof CancellationException) {
				return;
			}
			this.acquiring = null;
			pause = this.pauseAfterFailure;
			first = pause.equals(PAUSE_AFTER_FAILURE);
			this.pauseAfterFailure = least(pause.multipliedBy(2), LONGEST_PAUSE_AFTER_FAILURE);
		}
		finally {
			this.lock.unlock();
		}
		if (first && !(failure instanceof LeaseEngineClosedException)) {
			logger.warn("This node can't stand for the election '{}', and tries again: {}", Names.abbreviate(this.name),
					failure.toString());
		}
		this.context.threads().schedule(pause, () -> askAgain(mine));
	}

	private void askAgain(long mine) {
		this.lock.lock();
		try {
			if (this.round != mine) {
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		ask(mine);
	}

	private void granted(long mine, Lease lease) {
		if (!lease.isValid() || leavesItToOthers(lease)) {
			lease.release();
			joinAgain(mine);
			return;
		}
		HeldLeadership led = new HeldLeadership(this.name, lease);
		ElectionNode node = node();
		boolean late;
		this.lock.lock();
		try {
			late = this.round != mine;
			if (!late) {
				this.acquiring = null;
				this.pauseAfterFailure = PAUSE_AFTER_FAILURE;
				this.state = State.LEADER;
				this.current = led;
				tell((listener) -> listener.granted(led));
				seesLeader(new Leader(node.id(), node.address(), led.term(), led.since()));
				sawForSpread(lease.fence().owner());
				this.granted.signalAll();
			}
		}
		finally {
			this.lock.unlock();
		}
		if (late) {
			lease.release();
			return;
		}
		logger.info("This node leads the election '{}', term {}", Names.abbreviate(this.name), led.term());
		lease.onLost((reason) -> lost(led, reason));
	}

	private void joinAgain(long mine) {
		this.lock.lock();
		try {
			if (this.round == mine) {
				this.acquiring = null;
				enterLine();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Once for each leadership whose lease is lost, in whichever state that finds it. */
	private void lost(HeldLeadership led, String reason) {
		led.lost(reason);
		this.lock.lock();
		try {
			if (this.current == led) {
				this.current = null;
				this.ending = led;
				this.pauseAfterEnding = Duration.ZERO;
				this.handedOver = new CompletableFuture<>();
				this.state = State.STEPPING_DOWN;
				tellRevoked(led, reason);
			}
		}
		finally {
			this.lock.unlock();
		}
		// Its claim may be there still, and would stand before the next one of this node.
		this.context.threads().execute(() -> handOver(led, null));
	}

	@Override
	public void addListener(LeadershipListener listener) {
		this.lock.lock();
		try {
			this.listeners.add(listener);
			HeldLeadership now = this.current;
			if (now != null) {
				tell(List.of(listener), (one) -> one.granted(now));
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private CompletableFuture<@Nullable Void> tellRevoked(HeldLeadership led, String reason) {
		return tell((listener) -> listener.revoked(led, reason));
	}

	private CompletableFuture<@Nullable Void> tell(Announcement what) {
		return tell(List.copyOf(this.listeners), what);
	}

	/** Under the lock. */
	private CompletableFuture<@Nullable Void> tell(List<LeadershipListener> whom, Announcement what) {
		if (!whom.isEmpty()) {
			this.told = this.told.thenRunAsync(() -> whom.forEach((listener) -> tell(listener, what)),
					this.context.threads());
		}
		return this.told;
	}

	private void tell(LeadershipListener listener, Announcement what) {
		try {
			what.to(listener);
		}
		catch (Throwable ex) {
			logger.error("A listener to the election '{}' failed", Names.abbreviate(this.name), ex);
		}
	}

	/** Begins to look who leads. */
	void watch() {
		this.lock.lock();
		try {
			if (!this.watching) {
				this.watching = true;
				this.withoutSince = OptionalLong.of(this.context.nanoTime().getAsLong());
				lookIn(Duration.ZERO);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Looks no more. */
	void stopWatching() {
		this.lock.lock();
		try {
			this.watching = false;
			if (this.look != null) {
				this.look.cancel(false);
			}
			forgetLeader();
			countTimeWithout();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private void lookIn(Duration delay) {
		if (this.look != null) {
			this.look.cancel(false);
		}
		this.look = this.watching ? this.context.threads().schedule(delay, this::look) : null;
	}

	/**
	 * One store call, unless this node leads and doesn't care who else stands in line.
	 */
	private void look() {
		long before;
		boolean leads;
		this.lock.lock();
		try {
			before = this.seen;
			leads = this.current != null;
		}
		finally {
			this.lock.unlock();
		}
		Optional<ResourceState> state = Optional.empty();
		boolean asks = !leads || this.settings.spread();
		boolean failed = false;
		if (asks) {
			try {
				state = this.context.engine().get().inspect(resource());
				if (state.isEmpty()) {
					warnOfStore();
				}
			}
			catch (RuntimeException ex) {
				failed = true;
				logger.debug("It could not be seen who leads the election '{}'", Names.abbreviate(this.name), ex);
			}
		}
		state.ifPresent((found) -> looked(found, before));
		boolean known;
		this.lock.lock();
		try {
			known = !asks || failed || state.isEmpty() || this.leader != null;
			Duration next = known ? this.lookInterval : this.lookAgain;
			this.lookAgain = known ? FIRST_LOOK : least(next.multipliedBy(2), this.lookInterval);
			lookIn(least(next, this.lookInterval));
		}
		finally {
			this.lock.unlock();
		}
	}

	private void warnOfStore() {
		if (!this.warnedOfStore) {
			this.warnedOfStore = true;
			logger.warn("The store can't tell who leads the election '{}': each node knows only whether it does itself",
					Names.abbreviate(this.name));
		}
	}

	private void looked(ResourceState found, long before) {
		ResourceState.Holder holder = found.holders().isEmpty() ? null : found.holders().get(0);
		boolean leads;
		this.lock.lock();
		try {
			leads = this.current != null;
			// What was seen before the last change is older than that.
			if (this.seen != before || !this.watching) {
				return;
			}
			if (!leads) {
				if (holder == null) {
					forgetLeader();
				}
				else if (!isOwn(holder) && (this.leader == null || this.leader.term() != holder.token())) {
					seesLeader(describe(holder));
				}
			}
		}
		finally {
			this.lock.unlock();
		}
		sawForSpread((holder != null) ? holder.owner() : null);
		if (leads && this.settings.spread() && this.spread.hasTooMany(this, found.line(), this.lookInterval)) {
			resign(Duration.ZERO, "another candidate leads fewer elections");
		}
	}

	/** Describes who holds the lease, as the leader that is known if it is that one. */
	Leader describe(ResourceState.Holder holder) {
		Leader known = leader().orElse(null);
		if (known != null && known.term() == holder.token()) {
			return known;
		}
		ElectionNode node = ElectionNode.ofNote(Claim.noteOf(holder.owner()));
		return new Leader(node.id(), node.address(), holder.token(), this.context.clock().instant());
	}

	/** What this node holds it learns by its grant. */
	private boolean isOwn(ResourceState.Holder holder) {
		return Claim.engineOf(holder.owner()).equals(this.context.engine().get().id());
	}

	private void sawForSpread(@Nullable String owner) {
		if (this.settings.spread()) {
			this.spread.saw(this, (owner != null) ? Claim.engineOf(owner) : null);
		}
	}

	private boolean leavesItToOthers(Lease lease) {
		if (!this.settings.spread() || !this.spread.mayDecline(this, this.lookInterval)) {
			return false;
		}
		try {
			List<String> line = this.context.engine()
				.get()
				.inspect(lease.resource())
				.map(ResourceState::line)
				.orElse(List.of());
			boolean declines = this.spread.declines(this, line);
			if (declines) {
				logger.debug("This node leaves the election '{}' to a candidate that leads fewer",
						Names.abbreviate(this.name));
			}
			return declines;
		}
		catch (LeaseStoreException ex) {
			logger.debug("It could not be seen who else stands for the election '{}'", Names.abbreviate(this.name), ex);
			return false;
		}
	}

	/** Under the lock. */
	private void seesLeader(Leader found) {
		countTimeWithout();
		this.withoutSince = OptionalLong.empty();
		this.leader = found;
		this.seen++;
		this.changes++;
		this.lastLeaders.addFirst(found);
		if (this.lastLeaders.size() > ElectionStatus.MAX_LEADERS) {
			this.lastLeaders.removeLast();
		}
		tell((listener) -> listener.leaderChanged(this.name, found));
	}

	/** Under the lock. */
	private void forgetLeader() {
		if (this.leader == null) {
			return;
		}
		this.leader = null;
		this.seen++;
		this.withoutSince = OptionalLong.of(this.context.nanoTime().getAsLong());
		this.lookAgain = FIRST_LOOK;
		lookIn(FIRST_LOOK);
	}

	/** Under the lock. */
	private void countTimeWithout() {
		long now = this.context.nanoTime().getAsLong();
		this.withoutNanos += now - this.withoutSince.orElse(now);
		this.withoutSince = this.watching ? OptionalLong.of(now) : OptionalLong.empty();
	}

	@Override
	public ElectionStatus status() {
		this.lock.lock();
		try {
			long now = this.context.nanoTime().getAsLong();
			return new ElectionStatus(this.name, this.state, this.leader, this.changes, List.copyOf(this.lastLeaders),
					Duration.ofNanos(this.withoutNanos + now - this.withoutSince.orElse(now)));
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public String toString() {
		return "Election '" + Names.abbreviate(this.name) + "'";
	}

	@FunctionalInterface
	private interface Announcement {

		void to(LeadershipListener listener);

	}

}
