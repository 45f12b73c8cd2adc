package io.concord.election;

import org.jspecify.annotations.Nullable;

import io.concord.invocation.BodyThread;
import io.concord.lease.guard.CommitChecks;

/**
 * One call that runs under a leadership, from its begin to its end.
 */
final class Body {

	private final HeldLeadership leadership;

	private final OnRevoked onRevoked;

	/** Null if it may go on on other threads. */
	private final @Nullable BodyThread thread;

	Body(HeldLeadership leadership, OnRevoked onRevoked, boolean bound) {
		this.leadership = leadership;
		this.onRevoked = onRevoked;
		this.thread = bound ? new BodyThread() : null;
	}

	HeldLeadership leadership() {
		return this.leadership;
	}

	boolean isOfThisThread() {
		return this.thread != null && this.thread.isThisOne();
	}

	void interrupt() {
		if (this.thread != null && this.onRevoked == OnRevoked.INTERRUPT) {
			this.thread.interrupt();
		}
	}

	/**
	 * Runs all of it, on this thread.
	 * @param method what to run
	 * @param checks checks its commits; null if there are no transactions
	 * @return what the method returned
	 * @throws Throwable what the method threw, or that the leadership was lost
	 */
	@Nullable Object call(CommitChecks.Action<@Nullable Object, Throwable> method, @Nullable CommitChecks checks)
			throws Throwable {
		Object result = null;
		Throwable failure = null;
		try {
			result = (this.onRevoked == OnRevoked.CONTINUE || checks == null) ? method.run()
					: checks.during(this::requireHeld, method);
		}
		catch (Throwable ex) {
			failure = ex;
		}
		boolean interrupted = this.thread != null && this.thread.leave();
		LeadershipLostException loss = end(interrupted && failure != null);
		if (loss == null) {
			if (failure != null) {
				throw failure;
			}
			return result;
		}
		if (failure == null) {
			throw loss;
		}
		if (interrupted && !(failure instanceof LeadershipLostException)) {
			// What the method made of the interrupt says nothing to its caller.
			loss.addSuppressed(failure);
			throw loss;
		}
		if (!(failure instanceof LeadershipLostException)) {
			failure.addSuppressed(loss);
		}
		throw failure;
	}

	/**
	 * Ends it.
	 * @return the loss if there was one, and that matters
	 */
	@Nullable LeadershipLostException end() {
		return end(false);
	}

	/** One that was stopped has lost the leadership, though the node holds it still. */
	private @Nullable LeadershipLostException end(boolean stopped) {
		String reason = stopped ? this.leadership.endReason() : this.leadership.lossReason();
		this.leadership.left(this);
		return (reason != null && this.onRevoked != OnRevoked.CONTINUE) ? lost(reason) : null;
	}

	/** A leadership of which nobody is certain any more counts as lost. */
	private void requireHeld() {
		if (!this.leadership.isHeld()) {
			String told = this.leadership.lossReason();
			throw lost(((told != null) ? told : "its lease ended, or the machine may have been suspended")
					+ "; the transaction is rolled back");
		}
	}

	private LeadershipLostException lost(String reason) {
		return new LeadershipLostException(this.leadership.election(), this.leadership.term(), reason);
	}

}
