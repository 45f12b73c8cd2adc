package io.concord.lease;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt to acquire, on the caller's thread. All its state belongs to that thread
 * but for the signal of its {@link Waiter}.
 */
final class Attempt {

	private static final Logger logger = LoggerFactory.getLogger(Attempt.class);

	/** What a repeated claim must have left of the time-out, with the pause before it. */
	private static final Duration LEAST_TRY = LeaseEngine.PAUSE_AFTER_FAILURE.multipliedBy(4);

	private final LeaseEngine engine;

	private final LeaseRequest request;

	private final Claim claim;

	private final Waiter waiter = new Waiter();

	private final long begin;

	private final long waitNanos;

	/** Whether a claim was sent whose outcome is unknown, so that it may yet arrive. */
	private boolean claimUnknown;

	/** Whether the store has ever said that the claim stands in the line. */
	private boolean joined;

	/** Whether it stands there as far as is known. */
	private boolean inLine;

	private @Nullable LeaseStoreException failure;

	private LocalLines.@Nullable Pass pass;

	/** When the first claim was sent. */
	private long sinceClaim;

	Attempt(LeaseEngine engine, LeaseRequest request) {
		this.engine = engine;
		this.request = request;
		this.begin = engine.nanoTime();
		this.sinceClaim = this.begin;
		this.waitNanos = request.waitTime().toNanos();
		Duration patience = Duration.ZERO;
		if (this.waitNanos > 0) {
			patience = LeaseEngine.least(request.leaseTime(), LeaseEngine.MAX_PATIENCE);
		}
		this.claim = new Claim(request.resource(), engine.newOwner(), request.limit(), request.leaseTime(), patience);
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
		this.pass = this.engine.localLines().enter(this.request.resource(), this.claim.waits() ? this.waiter : null);
		Lease lease = null;
		try {
			lease = awaitTurn(this.pass) ? claimInStore() : null;
		}
		finally {
			if (lease == null) {
				this.pass.leave();
			}
		}
		return lease;
	}

	/**
	 * Waits until no other claim of this engine on the name is in the store. One that
	 * doesn't wait asks the store all the same while the other isn't granted: what comes
	 * of that is open.
	 */
	private boolean awaitTurn(LocalLines.Pass turn) {
		if (!this.claim.waits()) {
			return turn.isInside() || !turn.isHeldInside();
		}
		while (!turn.isInside()) {
			if (this.engine.isClosed()) {
				throw closed();
			}
			long left = this.waitNanos - elapsed();
			if (left <= 0) {
				return false;
			}
			this.waiter.reset();
			if (!turn.isInside()) {
				pause(left);
			}
		}
		return true;
	}

	private @Nullable Lease claimInStore() {
		if (!this.claim.waits()) {
			return attempt();
		}
		// Before the claim is sent, so that no offer can come too early to be heard.
		this.engine.register(this.claim.owner(), this.waiter);
		try {
			this.sinceClaim = this.engine.nanoTime();
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
			long sent = this.engine.nanoTime();
			ClaimAnswer answer = ask();
			if (answer instanceof ClaimAnswer.Granted granted) {
				return hold(granted.token(), sent);
			}
			if (answer instanceof ClaimAnswer.Refused) {
				return null;
			}
			if (answer != null) {
				this.inLine = answer instanceof ClaimAnswer.Waiting;
				this.joined |= this.inLine;
			}
			long left = this.waitNanos - elapsed();
			if (answer instanceof ClaimAnswer.Waiting waiting) {
				pause(Math.min(left, Math.min(waiting.lookAgain().toNanos(), this.claim.patience().toNanos() / 3)));
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
			ClaimAnswer answer = this.inLine ? this.engine.store().refresh(this.claim, this.engine.storeTimeout())
					: claim();
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

	private ClaimAnswer claim() {
		Duration timeout = this.engine.storeTimeout();
		if (this.claimUnknown && !this.joined) {
			timeout = timeout.minusNanos(Math.min(this.engine.nanoTime() - this.sinceClaim, timeout.toNanos()));
		}
		ClaimAnswer answer = this.engine.store().claim(this.claim, timeout);
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
		long sinceClaim = this.engine.nanoTime() - this.sinceClaim;
		return this.engine.storeTimeout().minusNanos(sinceClaim).compareTo(LEAST_TRY) > 0;
	}

	private Lease hold(long token, long sent) {
		HeldLease lease = new HeldLease(this.engine, this.claim, token, this.request.renewed(), sent, this.claimUnknown,
				this.pass);
		if (!this.engine.keep(lease)) {
			lease.release();
			throw closed();
		}
		return lease;
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

	/** Leaves the line, in the background if the store is failing. */
	private void leave() {
		if (!this.joined && !this.claimUnknown) {
			return;
		}
		if (this.failure == null) {
			try {
				this.engine.release(this.claim, this.claimUnknown);
				return;
			}
			catch (LeaseStoreException ex) {
				logger.debug("To leave the line of '{}' goes on in the background", name(), ex);
			}
		}
		this.engine.withdraw(this.claim, this.claimUnknown);
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
