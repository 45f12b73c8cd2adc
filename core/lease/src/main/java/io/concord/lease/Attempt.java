package io.concord.lease;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to acquire, on the caller's thread. All its state belongs to that thread
 * but for the signal of its {@link Waiter} and its place among the claims of the process.
 *
 * <p>
 * It ends by the end of the time to wait plus one store time-out: a call to the store is
 * given what is left of that, and what does not fit is left to the background.
 */
final class Attempt {

	private static final Logger logger = LoggerFactory.getLogger(Attempt.class);

	/** What a repeated claim must have left of the time-out, with the pause before it. */
	private static final Duration LEAST_TRY = LeaseEngine.PAUSE_AFTER_FAILURE.multipliedBy(4);

	/** Keeps a store that can't tell when to look again from being asked without end. */
	private static final long LEAST_PAUSE_NANOS = 1_000_000;

	private final LeaseEngine engine;

	private final LeaseRequest request;

	private final LeaseObservation observation;

	private final Waiter waiter = new Waiter();

	private final long begin;

	private final long waitNanos;

	private Claim claim;

	private LocalLines.@Nullable Pass pass;

	/** When the first claim was sent. */
	private long claimed;

	/** Whether a claim was sent whose outcome is unknown, so that it may yet arrive. */
	private boolean claimUnknown;

	/** Whether the store has ever said that the claim stands in the line. */
	private boolean joined;

	/** Whether it stands there as far as is known. */
	private boolean inLine;

	private @Nullable LeaseStoreException failure;

	/** Written by the thread of the attempt, read by others for people. */
	private volatile boolean waiting;

	Attempt(LeaseEngine engine, LeaseRequest request, LeaseObservation observation) {
		this.engine = engine;
		this.request = request;
		this.observation = observation;
		this.begin = engine.nanoTime();
		this.claimed = this.begin;
		this.waitNanos = request.waitTime().toNanos();
		this.claim = claim((this.waitNanos > 0) ? LeaseEngine.least(request.leaseTime(), LeaseEngine.MAX_PATIENCE)
				: Duration.ZERO);
	}

	/**
	 * Makes the attempt.
	 * @return the lease, or null if it was not to be had in time
	 */
	@Nullable Lease run() {
		if (this.engine.isClosed()) {
			throw closed();
		}
		if (this.request.limit() != 1) {
			return claimInStore();
		}
		LocalLines.Pass turn = this.engine.localLines()
			.enter(this.request.resource(), this.claim.waits() ? this.waiter : null);
		this.pass = turn;
		Lease lease = null;
		try {
			if (awaitTurn(turn)) {
				lease = claimInStore();
			}
			else if (!turn.isHeldInside()) {
				// Whoever is before us in this process has not got it either. Perhaps
				// another
				// process has, perhaps the store is out of reach: only the store can
				// tell.
				this.claim = claim(Duration.ZERO);
				lease = claimInStore();
			}
		}
		finally {
			if (lease == null) {
				turn.leave();
			}
		}
		return lease;
	}

	/** Waits until no other claim of this engine on the name is in the store. */
	private boolean awaitTurn(LocalLines.Pass turn) {
		while (!turn.isInside()) {
			if (this.engine.isClosed()) {
				throw closed();
			}
			long left = this.waitNanos - elapsed();
			if (left <= 0) {
				return false;
			}
			waits();
			this.waiter.reset();
			if (!turn.isInside()) {
				pause(left);
			}
		}
		return true;
	}

	private @Nullable Lease claimInStore() {
		this.claimed = this.engine.nanoTime();
		if (!this.claim.waits()) {
			return attempt();
		}
		// Before the claim is sent, so that no offer can come too early to be heard.
		this.engine.register(this.claim.owner(), this.waiter);
		try {
			return attempt();
		}
		finally {
			this.engine.unregister(this.claim.owner());
		}
	}

	private @Nullable Lease attempt() {
		while (true) {
			if (this.engine.isClosed()) {
				leave();
				throw closed();
			}
			HeldLease.Instants sent = HeldLease.Instants.now(this.engine);
			ClaimAnswer answer = ask();
			if (answer instanceof ClaimAnswer.Granted granted) {
				return hold(granted.token(), sent);
			}
			if (answer instanceof ClaimAnswer.Refused) {
				return null;
			}
			if (answer != null) {
				this.inLine = answer instanceof ClaimAnswer.Waiting;
				if (this.inLine) {
					this.joined = true;
					waits();
				}
			}
			long left = this.waitNanos - elapsed();
			if (answer instanceof ClaimAnswer.Waiting waiting) {
				long look = Math.max(LEAST_PAUSE_NANOS, waiting.lookAgain().toNanos());
				pause(Math.min(left, Math.min(look, this.claim.patience().toNanos() / 3)));
			}
			else if (answer == null) {
				pause(this.joined ? Math.min(left, LeaseEngine.PAUSE_AFTER_FAILURE.toNanos())
						: LeaseEngine.PAUSE_AFTER_FAILURE.toNanos());
			}
			if (this.joined && this.waitNanos - elapsed() <= 0 && !this.waiter.isSignalled()) {
				return giveUp();
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

	private Lease hold(long token, HeldLease.Instants sent) {
		HeldLease lease = new HeldLease(this.engine, this.claim, token, this.request, sent, this.claimUnknown,
				this.pass, this.observation);
		if (!this.engine.keep(lease)) {
			lease.release();
			throw closed();
		}
		return lease;
	}

	private void waits() {
		this.waiting = true;
		this.observation.waiting();
	}

	/** Whether it has had to wait. For any thread. */
	boolean isWaiting() {
		return this.waiting;
	}

	String resource() {
		return this.request.resource();
	}

	private void pause(long nanos) {
		try {
			this.waiter.await(nanos);
		}
		catch (InterruptedException ex) {
			leave();
			Thread.currentThread().interrupt();
			throw new LeaseInterruptedException("Interrupted while waiting for '" + name() + "'");
		}
	}

	private @Nullable Lease giveUp() {
		leave();
		if (this.failure != null) {
			throw this.failure;
		}
		return null;
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

	private Claim claim(Duration patience) {
		return new Claim(this.request.resource(), this.engine.newOwner(), this.request.limit(),
				this.request.leaseTime(), patience);
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
