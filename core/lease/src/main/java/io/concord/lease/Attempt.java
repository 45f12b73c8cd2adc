package io.concord.lease;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to acquire, as a sequence of steps none of which waits in line: in between,
 * a thread waits ({@link #run}) or nobody does ({@link AsyncAttempt}). All its state
 * belongs to who makes the steps, one after the other, but for the signal of its
 * {@link Waiter} and its place among the claims of the process.
 *
 * <p>
 * It ends by the end of the time to wait plus one store time-out: a call to the store is
 * given what is left of that, and what does not fit is left to the background.
 */
final class Attempt {

	/** What {@link #advance()} returns when there is nothing more to do. */
	static final long ENDED = -1;

	private static final Logger logger = LoggerFactory.getLogger(Attempt.class);

	/** What a repeated claim must have left of the time-out, with the pause before it. */
	private static final Duration LEAST_TRY = LeaseEngine.PAUSE_AFTER_FAILURE.multipliedBy(4);

	private final LeaseEngine engine;

	private final LeaseRequest request;

	private final Waiter waiter;

	private final LeaseObservation observation;

	private final long begin;

	private final long waitNanos;

	private Claim claim;

	private LocalLines.@Nullable Pass pass;

	/** Whether its turn has come to go to the store. */
	private boolean atStore;

	/** Whether it has waited since the store was asked last. */
	private boolean paused;

	/** When the first claim was sent. */
	private long claimed;

	/** Whether a claim was sent whose outcome is unknown, so that it may yet arrive. */
	private boolean claimUnknown;

	/** Whether the store has ever said that the claim stands in the line. */
	private boolean joined;

	/** Whether it stands there as far as is known. */
	private boolean inLine;

	private @Nullable LeaseStoreException failure;

	private @Nullable Lease lease;

	/** Read by any thread, for people. */
	private volatile boolean waiting;

	Attempt(LeaseEngine engine, LeaseRequest request, Waiter waiter, LeaseObservation observation) {
		this.engine = engine;
		this.request = request;
		this.waiter = waiter;
		this.observation = observation;
		this.begin = engine.nanoTime();
		this.claimed = this.begin;
		this.waitNanos = request.waitTime().toNanos();
		this.claim = claim((this.waitNanos > 0) ? LeaseEngine.least(request.leaseTime(), request.pace().patience())
				: Duration.ZERO);
	}

	/**
	 * Makes the attempt on this thread.
	 * @return the lease, or null if it was not to be had in time
	 */
	@Nullable Lease run() {
		for (long pause = advance(); pause != ENDED; pause = advance()) {
			try {
				this.waiter.await(pause);
			}
			catch (InterruptedException ex) {
				LeaseInterruptedException interrupted = new LeaseInterruptedException(
						"Interrupted while waiting for '" + name() + "'");
				cancel(interrupted);
				Thread.currentThread().interrupt();
				throw interrupted;
			}
		}
		return this.lease;
	}

	/**
	 * Goes on as far as it can without waiting in line. Once it has ended or thrown it
	 * must not be called again.
	 * @return for how long to wait for a signal before the next call, in ns, or
	 * {@link #ENDED}
	 */
	long advance() {
		try {
			if (this.engine.isClosed()) {
				leave();
				throw closed();
			}
			long pause = this.atStore ? askStore() : awaitTurn();
			if (pause == ENDED) {
				end();
				if (this.lease == null) {
					this.observation.unavailable();
				}
			}
			return pause;
		}
		catch (Throwable ex) {
			end();
			this.observation.failed(ex);
			throw ex;
		}
	}

	/** What has been acquired, if anything has. */
	@Nullable Lease lease() {
		return this.lease;
	}

	/** Whether it has to wait. For any thread. */
	boolean isWaiting() {
		return this.waiting;
	}

	String resource() {
		return this.request.resource();
	}

	/**
	 * Leaves instead of another step.
	 * @param reason what the caller gets
	 */
	void cancel(RuntimeException reason) {
		leave();
		end();
		this.observation.failed(reason);
	}

	private void end() {
		this.waiting = false;
		this.engine.unregister(this.claim.owner());
		HeldLease inherited = (this.pass != null && this.lease == null) ? this.pass.abandon() : null;
		if (inherited != null) {
			inherited.release();
		}
	}

	/**
	 * Takes its place among the claims of the process, as the first step would. For who
	 * makes that step later and wants the place now.
	 */
	void enter() {
		if (this.request.limit() == 1) {
			this.pass = this.engine.localLines().enter(this.request, this.claim.waits() ? this.waiter : null);
		}
	}

	/**
	 * Goes to the store as soon as no other claim of this engine on the name is there.
	 */
	private long awaitTurn() {
		if (this.request.limit() != 1) {
			return goToStore();
		}
		while (true) {
			if (this.pass == null) {
				enter();
			}
			LocalLines.Pass turn = Objects.requireNonNull(this.pass);
			this.waiter.reset();
			switch (turn.turn()) {
				case INSIDE -> {
					return goToStore();
				}
				case HEIR -> {
					if (take(turn.takeInheritance())) {
						return ENDED;
					}
					this.pass = null;
				}
				case OUTSIDE -> {
					long left = this.waitNanos - elapsed();
					if (left > 0) {
						waits();
						return left;
					}
					if (turn.isHeldInside()) {
						return ENDED;
					}
					// Whoever is before us in this process has not got it either. Perhaps
					// another process has, perhaps the store is out of reach: only the
					// store can tell.
					HeldLease inherited = turn.abandon();
					this.pass = null;
					if (take(inherited)) {
						return ENDED;
					}
					this.claim = claim(Duration.ZERO);
					return goToStore();
				}
			}
		}
	}

	/** What was lost on the way is released, for what is left of it in the store. */
	private boolean take(@Nullable HeldLease inherited) {
		if (inherited == null) {
			return false;
		}
		if (!inherited.isValid()) {
			inherited.release();
			return false;
		}
		this.observation.handedOver();
		inherited.deliver(this.observation);
		this.lease = inherited;
		return true;
	}

	private long goToStore() {
		this.atStore = true;
		this.claimed = this.engine.nanoTime();
		if (this.claim.waits()) {
			// Before the claim is sent, so that no offer can come too early to be heard.
			this.engine.register(this.claim.owner(), this.waiter);
		}
		return askStore();
	}

	private long askStore() {
		while (true) {
			if (this.paused && this.joined && this.waitNanos - elapsed() <= 0 && !this.waiter.isSignalled()) {
				giveUp();
				return ENDED;
			}
			HeldLease.Instants sent = HeldLease.Instants.now(this.engine);
			ClaimAnswer answer = ask();
			this.paused = true;
			if (answer instanceof ClaimAnswer.Granted granted) {
				this.lease = hold(granted, sent);
				return ENDED;
			}
			if (answer instanceof ClaimAnswer.Refused) {
				return ENDED;
			}
			if (answer != null) {
				this.inLine = answer instanceof ClaimAnswer.Waiting;
				this.joined |= this.inLine;
				if (this.inLine) {
					waits();
				}
			}
			long left = Math.max(0, this.waitNanos - elapsed());
			if (answer instanceof ClaimAnswer.Waiting waiting) {
				long look = Math.max(leastPauseNanos() * (1L + waiting.ahead()), waiting.lookAgain().toNanos());
				return Math.min(left, Math.min(look, this.claim.patience().toNanos() / 3));
			}
			if (answer == null) {
				long pause = LeaseEngine.PAUSE_AFTER_FAILURE.toNanos();
				return this.joined ? Math.min(left, Math.max(pause, leastPauseNanos())) : pause;
			}
		}
	}

	/**
	 * Makes the next store call.
	 * @return null if it failed and another may be made
	 */
	private @Nullable ClaimAnswer ask() {
		this.waiter.reset();
		try {
			ClaimAnswer answer = this.inLine ? this.engine.refresh(this.claim, leftForACall()) : sendClaim();
			this.failure = null;
			return answer;
		}
		catch (LeaseStoreException ex) {
			boolean unknown = ex instanceof LeaseOutcomeUnknownException;
			this.claimUnknown |= unknown && !this.inLine;
			this.failure = asFailureOfAll(ex);
			if (this.joined || (unknown && isTimeToClaimAgain())) {
				return null;
			}
			leave();
			throw this.failure;
		}
	}

	/**
	 * A claim that is refused for certain leaves the outcome of one before it unknown.
	 */
	private LeaseStoreException asFailureOfAll(LeaseStoreException last) {
		if (!this.claimUnknown || this.joined || last instanceof LeaseOutcomeUnknownException) {
			return last;
		}
		return new LeaseOutcomeUnknownException("A claim on '" + name()
				+ "' got no answer, and when it was repeated the store failed: " + last.getMessage(), last);
	}

	private ClaimAnswer sendClaim() {
		Duration timeout = leftForACall();
		if (this.claimUnknown && !this.joined) {
			timeout = LeaseEngine.least(timeout, leftOf(this.claimed + this.engine.storeTimeout().toNanos()));
		}
		ClaimAnswer answer = this.engine.claim(this.claim, timeout);
		if (answer instanceof ClaimAnswer.Gone) {
			throw new LeaseStoreException("The store " + this.engine.store().describe() + " bars the claim "
					+ this.claim.owner() + ", which nobody has released");
		}
		return answer;
	}

	/**
	 * A first claim may be repeated after a failure whose outcome is unknown, as it is
	 * idempotent, but all tries together have one time-out.
	 */
	private boolean isTimeToClaimAgain() {
		return leftOf(this.claimed + this.engine.storeTimeout().toNanos()).compareTo(LEAST_TRY) > 0;
	}

	private Lease hold(ClaimAnswer.Granted granted, HeldLease.Instants sent) {
		HeldLease held = new HeldLease(this.engine, this.request, this.claim, granted, sent, this.claimUnknown,
				this.pass);
		if (!this.engine.keep(held)) {
			held.release();
			throw closed();
		}
		held.deliver(this.observation);
		return held;
	}

	private void waits() {
		this.waiting = true;
		this.observation.waiting();
	}

	private void giveUp() {
		leave();
		if (this.failure != null) {
			throw this.failure;
		}
	}

	/** Leaves the line, in the background if the store is failing or slow. */
	private void leave() {
		if (!this.joined && !this.claimUnknown) {
			return;
		}
		Duration left = leftForACall();
		if (this.failure == null && left.compareTo(LeaseEngine.PAUSE_AFTER_FAILURE) > 0) {
			try {
				this.engine.release(this.claim, this.claimUnknown, left);
				return;
			}
			catch (LeaseStoreException ex) {
				logger.debug("To leave the line of '{}' goes on in the background", name(), ex);
			}
		}
		this.engine.withdraw(this.claim, this.claimUnknown);
	}

	/** Keeps a store that can't tell when to look again from being asked without end. */
	private long leastPauseNanos() {
		return this.request.pace().leastPause().toNanos();
	}

	private Claim claim(Duration patience) {
		return new Claim(this.request.resource(), this.engine.newOwner(this.request.note()), this.request.limit(),
				this.request.leaseTime(), patience, this.engine.floor());
	}

	/** One time-out, or less if the attempt ends before. */
	private Duration leftForACall() {
		Duration timeout = this.engine.storeTimeout();
		return LeaseEngine.least(timeout, leftOf(this.begin + this.waitNanos + timeout.toNanos()));
	}

	private Duration leftOf(long end) {
		return Duration.ofNanos(Math.max(0, end - this.engine.nanoTime()));
	}

	private LeaseEngineClosedException closed() {
		return new LeaseEngineClosedException("'" + name() + "' was not acquired, as the application shuts down");
	}

	private String name() {
		return LeaseRequest.abbreviate(this.request.resource());
	}

	private long elapsed() {
		return this.engine.nanoTime() - this.begin;
	}

}
