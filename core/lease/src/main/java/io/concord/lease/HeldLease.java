package io.concord.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lease and the clockwork that keeps it.
 *
 * <p>
 * Who owns what: {@code lock} guards every change and is never held while anything waits.
 * {@code state} only goes HELD → RELEASING or HELD → LOST, so the first to change it
 * decides, and what comes later, such as the answer of a renewal, finds it changed and
 * does nothing; only the release itself turns RELEASING into LOST, if the store says so.
 * {@code deadline} is moved by a renewal only, only forward, and only while it has not
 * passed: a lease that was invalid for its deadline stays so. There is at most one
 * pending tick and at most one renewal under way; while one is under way the tick stands
 * at the deadline, so that a renewal that never returns can't hide the end.
 *
 * <p>
 * A lease may be passed on to another thread of the process instead of being released:
 * the next one is another object for the same claim, with a clockwork of its own, that
 * begins where this one has stopped. What comes late for this one finds it RELEASING; a
 * renewal among that may have moved the end of the claim in the store, never nearer.
 */
final class HeldLease implements Lease {

	private static final Logger logger = LoggerFactory.getLogger(HeldLease.class);

	/**
	 * By how much the rates of two clocks may differ, far more than those of any that
	 * work.
	 */
	private static final int DRIFT_PERCENT = 2;

	private static final Duration LEAST_MARGIN = Duration.ofMillis(5);

	private final LeaseEngine engine;

	private final Claim claim;

	/** As the store has given it. */
	private final long grant;

	/** How many have held the grant before. */
	private final int turn;

	/** When the store granted it at the earliest, on the engine's {@code nanoTime}. */
	private final long grantedAt;

	private final LeaseRequest request;

	private final boolean claimUnknown;

	/**
	 * The turn of this engine on the name, which ends with the lease; null if it needs
	 * none.
	 */
	private final LocalLines.@Nullable Pass pass;

	private final Instant since;

	private final long storeMarginNanos;

	/**
	 * When a lease of fixed length ends, on the engine's {@code nanoTime}. The store may
	 * keep it for less at a time, so that it has to be confirmed until then.
	 */
	private final long fixedEnd;

	private final ReentrantLock lock = new ReentrantLock();

	private final List<LossListener> listeners = new ArrayList<>(2);

	/**
	 * Of the request that has got the lease. Until then there is none: a lease that was
	 * passed on may be lost before the heir takes it, who goes on to wait for another.
	 */
	private volatile LeaseObservation observation = LeaseObservation.NONE;

	private volatile State state = State.HELD;

	/** On the engine's {@code nanoTime}. */
	private volatile long deadline;

	/** How long the store keeps it from one refresh to the next, ns. */
	private volatile long term;

	/**
	 * What the wall clock was ahead of {@code nanoTime} when the store last confirmed the
	 * lease, ns. If it has grown, the machine may have been suspended with
	 * {@code nanoTime} standing still.
	 */
	private volatile long wallOffset;

	private long renewAt;

	private boolean confirming;

	private LeaseTimer.@Nullable Tick tick;

	private String lossReason = "";

	private volatile @Nullable CompletableFuture<ReleaseOutcome> outcome;

	/**
	 * Creates a lease from a grant.
	 * @param granted what the store said
	 * @param sent when the granting request was sent, on the engine's {@code nanoTime}
	 * @param claimUnknown whether an earlier claim had an unknown outcome and may yet
	 * arrive
	 */
	HeldLease(LeaseEngine engine, LeaseRequest request, Claim claim, ClaimAnswer.Granted granted, Instants sent,
			boolean claimUnknown, LocalLines.@Nullable Pass pass) {
		this.engine = engine;
		this.request = request;
		this.claim = claim;
		this.grant = granted.token();
		engine.granted(this.grant);
		this.turn = 0;
		this.grantedAt = sent.nanos();
		this.claimUnknown = claimUnknown;
		this.pass = pass;
		if (pass != null) {
			pass.hold();
		}
		this.since = Instant.ofEpochMilli(engine.wallMillis());
		this.storeMarginNanos = engine.store().capabilities().margin().toNanos();
		this.term = termOf(granted);
		this.deadline = sent.nanos() + this.term - margin(this.term);
		this.fixedEnd = sent.nanos() + claim.ttl().toNanos() - margin(this.term);
		this.wallOffset = sent.wallOffset();
		this.renewAt = sent.nanos() + renewalPeriod();
	}

	/** Creates the lease of the next turn. The one before has stopped changing. */
	private HeldLease(HeldLease before, LocalLines.Pass pass) {
		this.engine = before.engine;
		this.request = pass.request();
		this.claim = before.claim;
		this.grant = before.grant;
		this.turn = before.turn + 1;
		this.grantedAt = before.grantedAt;
		this.claimUnknown = before.claimUnknown;
		this.pass = pass;
		this.since = Instant.ofEpochMilli(before.engine.wallMillis());
		this.storeMarginNanos = before.storeMarginNanos;
		this.fixedEnd = before.fixedEnd;
		this.term = before.term;
		this.deadline = before.deadline;
		this.wallOffset = before.wallOffset;
		this.renewAt = before.renewAt;
	}

	/** Starts the clockwork. */
	void start() {
		this.lock.lock();
		try {
			if (this.state == State.HELD) {
				schedule();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Tells an observation that its request has got the lease, and all that comes from
	 * then on.
	 */
	void deliver(LeaseObservation observer) {
		boolean lost;
		this.lock.lock();
		try {
			this.observation = observer;
			lost = this.state == State.LOST;
		}
		finally {
			this.lock.unlock();
		}
		observer.granted(this);
		if (lost) {
			observer.ended(ReleaseOutcome.LOST);
		}
	}

	String owner() {
		return this.claim.owner();
	}

	/** Says what it is at this moment, for people. */
	HeldResource describe(int waiters) {
		Duration left = remaining();
		Instant now = Instant.ofEpochMilli(this.engine.wallMillis());
		return new HeldResource(this.request.label(), resource(), owner(), this.claim.limit(), token(), this.since,
				left, now.plus(left), waiters);
	}

	@Override
	public String resource() {
		return this.claim.resource();
	}

	@Override
	public long token() {
		return HandOver.token(this.grant, this.turn);
	}

	@Override
	public Fence fence() {
		return new Fence(this.claim.resource(), token(), Claim.identityOf(this.claim.owner()), this.claim.limit());
	}

	@Override
	public void fencedOutBy(long token) {
		this.engine.granted(HandOver.grant(token));
	}

	@Override
	public Instant since() {
		return this.since;
	}

	@Override
	public boolean isValid() {
		return !remaining().isZero();
	}

	@Override
	public Duration remaining() {
		// The deadline before the clock: it only moves forward, so a stop in between errs
		// to the
		// safe side.
		long end = this.deadline;
		if (this.state != State.HELD) {
			return Duration.ZERO;
		}
		long now = this.engine.nanoTime();
		if (end - now <= 0) {
			return Duration.ZERO;
		}
		if (isSuspect()) {
			confirmSoon();
			return Duration.ZERO;
		}
		return Duration.ofNanos(end - now);
	}

	private boolean isSuspect() {
		return Instants.now(this.engine).wallOffsetAtMost() - this.wallOffset > margin(this.term);
	}

	@Override
	public void onLost(LossListener listener) {
		this.lock.lock();
		try {
			if (this.state != State.LOST) {
				this.listeners.add(listener);
				return;
			}
		}
		finally {
			this.lock.unlock();
		}
		tell(listener);
	}

	@Override
	public ReleaseOutcome release() {
		return release(() -> passOn() ? ReleaseOutcome.RELEASED : releaseHeld());
	}

	@Override
	public ReleaseOutcome releaseAfter(Duration time) {
		if (time.isZero() || time.isNegative()) {
			throw new IllegalArgumentException(
					"The time for which '" + name() + "' stays taken must be positive: " + time);
		}
		return release(() -> keepTaken(time));
	}

	private ReleaseOutcome release(Supplier<ReleaseOutcome> way) {
		CompletableFuture<ReleaseOutcome> result = new CompletableFuture<>();
		this.lock.lock();
		try {
			if (this.outcome == null) {
				this.outcome = result;
				beginRelease();
			}
		}
		finally {
			this.lock.unlock();
		}
		if (this.outcome == result) {
			try {
				result.complete((this.state == State.LOST) ? releaseLost() : way.get());
			}
			finally {
				result.complete(ReleaseOutcome.UNCONFIRMED);
				ended();
				this.observation.ended(result.join());
			}
		}
		return this.outcome.join();
	}

	/** Under the lock. */
	private void beginRelease() {
		if (this.state != State.HELD) {
			return;
		}
		if (this.deadline - this.engine.nanoTime() <= 0) {
			becomeLost("its lease time had passed before it was released");
			return;
		}
		this.state = State.RELEASING;
		cancelTick();
	}

	/**
	 * Gives the claim to the next thread of this process that waits for the same, if the
	 * bounds allow it. Not when it is near its end or suspect: the next one would have
	 * little of it.
	 */
	private boolean passOn() {
		long now = this.engine.nanoTime();
		HandOver bounds = this.request.handOver();
		if (this.pass == null || this.turn >= bounds.maxTurns() || now - this.grantedAt >= bounds.maxTime().toNanos()
				|| this.deadline - now < renewalPeriod() || isSuspect() || this.engine.isClosed()) {
			return false;
		}
		LocalLines.Pass heir = this.pass.chooseHeir();
		if (heir == null) {
			return false;
		}
		HeldLease next = new HeldLease(this, heir);
		if (!this.engine.keep(next)) {
			next.release();
			// It was not there when all who wait were told of the engine's end.
			heir.disinherit();
		}
		else if (!heir.inherit(next)) {
			next.release();
		}
		return true;
	}

	private ReleaseOutcome releaseHeld() {
		try {
			if (this.engine.release(this.claim, this.claimUnknown, this.engine.storeTimeout()).held()) {
				return ReleaseOutcome.RELEASED;
			}
		}
		catch (LeaseStoreException ex) {
			logger.warn("'{}' was held until now, but its release is not confirmed; it goes on in the background: {}",
					name(), ex.toString());
			this.engine.withdraw(this.claim, this.claimUnknown);
			return ReleaseOutcome.UNCONFIRMED;
		}
		return foundLost();
	}

	private ReleaseOutcome foundLost() {
		this.lock.lock();
		try {
			becomeLost("the store had no record of it when it was released");
		}
		finally {
			this.lock.unlock();
		}
		return ReleaseOutcome.LOST;
	}

	/** The claim stays, with an end that nobody moves any more. */
	private ReleaseOutcome keepTaken(Duration time) {
		long end = this.engine.nanoTime() + time.toNanos();
		try {
			if (this.engine.keepTaken(asHolder(atLeastOneMilli(time)), this.grant)) {
				return ReleaseOutcome.RELEASED;
			}
		}
		catch (LeaseStoreException ex) {
			logger.warn("That '{}' stays taken for {} ms is not confirmed; it goes on in the background: {}", name(),
					time.toMillis(), ex.toString());
			this.engine.keepTakenLater(this.claim, this.grant, end);
			return ReleaseOutcome.UNCONFIRMED;
		}
		return foundLost();
	}

	private static Duration atLeastOneMilli(Duration time) {
		return (time.toMillis() < 1) ? Duration.ofMillis(1) : time;
	}

	private ReleaseOutcome releaseLost() {
		// It may be there still, as the store's count ends later than ours.
		this.engine.withdraw(this.claim, this.claimUnknown);
		return ReleaseOutcome.LOST;
	}

	@Override
	public void abandon(String reason) {
		lose(reason);
	}

	/** Marks the lease lost unless it has ended already. */
	void lose(String reason) {
		this.lock.lock();
		try {
			if (this.state == State.HELD) {
				becomeLost(reason);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. First invalid, then told. */
	private void becomeLost(String reason) {
		this.lossReason = reason;
		this.state = State.LOST;
		cancelTick();
		ended();
		logger.warn("The lease on '{}' (token {}) is lost: {}", name(), token(), reason);
		List<LossListener> told = List.copyOf(this.listeners);
		this.listeners.clear();
		LeaseObservation observer = this.observation;
		if (!told.isEmpty() || observer != LeaseObservation.NONE) {
			this.engine.notify(() -> {
				observer.ended(ReleaseOutcome.LOST);
				told.forEach(this::tell);
			});
		}
	}

	/** Released or lost. */
	private void ended() {
		this.engine.forget(this);
		if (this.pass != null) {
			this.pass.leave();
		}
	}

	private void tell(LossListener listener) {
		try {
			listener.lost(this.lossReason);
		}
		catch (Throwable ex) {
			logger.error("A listener to the loss of '{}' failed", name(), ex);
		}
	}

	/** Runs on the timer. */
	private void tick() {
		this.lock.lock();
		try {
			if (this.state != State.HELD) {
				return;
			}
			long now = this.engine.nanoTime();
			if (this.deadline - now <= 0) {
				becomeLost((!this.request.renewed() && this.fixedEnd - now <= 0)
						? "its lease time of " + this.claim.ttl().toMillis() + " ms has passed"
						: "it could not be renewed in time");
				return;
			}
			if (isToBeRenewed() && this.renewAt - now <= 0) {
				confirm();
				this.renewAt = now + pauseAfterFailure();
			}
			schedule();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** For any thread that finds the lease suspect; it doesn't wait for the answer. */
	private void confirmSoon() {
		this.lock.lock();
		try {
			if (this.state == State.HELD) {
				confirm();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private void confirm() {
		if (!this.confirming) {
			this.confirming = this.engine.renew(this::refresh);
		}
	}

	/** Runs on a worker. */
	private void refresh() {
		Instants sent = Instants.now(this.engine);
		long left = this.deadline - sent.nanos();
		if (this.state != State.HELD || left <= 0) {
			return;
		}
		try {
			// A lease of fixed length is confirmed for what is left of it, and no longer.
			Claim asked = asHolder(this.request.renewed() ? this.claim.ttl() : leftOfFixed(sent));
			refreshed(this.engine.refresh(asked, this.engine.storeTimeout()), sent, asked.ttl());
		}
		catch (Throwable ex) {
			// Whatever it is, it must not end the renewals: the next one may succeed.
			logger.warn("The lease on '{}' was not renewed, {} ms are left: {}", name(),
					TimeUnit.NANOSECONDS.toMillis(left), ex.toString());
			notRefreshed();
		}
	}

	private Duration leftOfFixed(Instants now) {
		long left = this.fixedEnd - now.nanos();
		return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), left + margin(this.term)));
	}

	/** Asks without patience, which tells a store that the claim holds. */
	private Claim asHolder(Duration ttl) {
		return new Claim(this.claim.resource(), this.claim.owner(), this.claim.limit(), ttl, Duration.ZERO);
	}

	private void refreshed(ClaimAnswer answer, Instants sent, Duration ttl) {
		boolean late;
		this.lock.lock();
		try {
			this.confirming = false;
			if (this.state != State.HELD) {
				return;
			}
			if (!(answer instanceof ClaimAnswer.Granted granted) || granted.token() != this.grant) {
				becomeLost("the store has no record of it any more");
				return;
			}
			long now = this.engine.nanoTime();
			if (this.deadline - now <= 0) {
				becomeLost("the answer to its renewal came after its lease time had passed");
				return;
			}
			late = this.request.renewed() && this.deadline - now < renewalPeriod();
			this.term = termOf(granted);
			long extended = sent.nanos() + Math.min(ttl.toNanos(), this.term) - margin(this.term);
			if (!this.request.renewed() && extended - this.fixedEnd > 0) {
				extended = this.fixedEnd;
			}
			this.deadline += Math.max(0, extended - this.deadline);
			this.wallOffset = sent.wallOffset();
			this.renewAt = sent.nanos() + renewalPeriod();
			schedule();
		}
		finally {
			this.lock.unlock();
		}
		if (late) {
			this.observation.renewedLate();
		}
	}

	private void notRefreshed() {
		this.lock.lock();
		try {
			this.confirming = false;
			if (this.state == State.HELD) {
				this.renewAt = this.engine.nanoTime() + pauseAfterFailure();
				schedule();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private void schedule() {
		cancelTick();
		boolean renewalNext = isToBeRenewed() && !this.confirming && this.renewAt - this.deadline < 0;
		this.tick = this.engine.at(renewalNext ? this.renewAt : this.deadline, this::tick);
	}

	/** Under the lock. */
	private void cancelTick() {
		if (this.tick != null) {
			this.tick.cancel();
			this.tick = null;
		}
	}

	private long pauseAfterFailure() {
		return Math.min(LeaseEngine.LONGEST_PAUSE_AFTER_FAILURE.toNanos(), renewalPeriod() / 4);
	}

	private long renewalPeriod() {
		return this.term / 3;
	}

	/** One of fixed length is too if the store doesn't keep it for so long. */
	private boolean isToBeRenewed() {
		return this.request.renewed() || this.deadline - this.fixedEnd < 0;
	}

	private long termOf(ClaimAnswer.Granted granted) {
		return Math.min(this.claim.ttl().toNanos(), granted.atMost().toNanos());
	}

	private long margin(long nanos) {
		return Math.max(nanos / 100 * DRIFT_PERCENT, LEAST_MARGIN.toNanos()) + this.storeMarginNanos;
	}

	private String name() {
		return LeaseRequest.abbreviate(this.claim.resource());
	}

	/**
	 * A moment by both clocks.
	 *
	 * @param nanos on the engine's {@code nanoTime}, after the other was read
	 * @param wallMillis ms since 1970
	 * @param apartNanos how much earlier the wall clock may have been read
	 */
	record Instants(long nanos, long wallMillis, long apartNanos) {

		private static final long CLOSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

		private static final int MOST_READINGS = 5;

		/**
		 * Reads both clocks as good as at once. A thread that stands still between the
		 * two, which is common where there is much to do, would otherwise look as if the
		 * wall clock had jumped, and a lease that is not suspect would be so until the
		 * store has confirmed it, which it may not be there to do.
		 */
		static Instants now(LeaseEngine engine) {
			Instants closest = read(engine);
			for (int i = 1; i < MOST_READINGS && closest.apartNanos > CLOSE_NANOS; i++) {
				Instants next = read(engine);
				closest = (next.apartNanos < closest.apartNanos) ? next : closest;
			}
			return closest;
		}

		private static Instants read(LeaseEngine engine) {
			long before = engine.nanoTime();
			long wallMillis = engine.wallMillis();
			long after = engine.nanoTime();
			return new Instants(after, wallMillis, after - before);
		}

		/**
		 * By how much the wall clock is ahead at least: what a later one is compared
		 * with, so that a lease is suspect too early rather than too late.
		 */
		long wallOffset() {
			return TimeUnit.MILLISECONDS.toNanos(this.wallMillis) - this.nanos;
		}

		/** By how much the wall clock is ahead at most. */
		long wallOffsetAtMost() {
			return wallOffset() + this.apartNanos;
		}

	}

	private enum State {

		HELD, RELEASING, LOST

	}

}
