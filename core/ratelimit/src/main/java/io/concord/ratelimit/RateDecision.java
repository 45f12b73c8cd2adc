package io.concord.ratelimit;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * What came of a call for permits. Thread-safe.
 */
public final class RateDecision implements AutoCloseable {

	private final RateRule rule;

	private final Outcome outcome;

	private final Duration time;

	private final long remaining;

	private final @Nullable Permit permit;

	RateDecision(RateRule rule, Outcome outcome, Duration time, long remaining, @Nullable Permit permit) {
		this.rule = rule;
		this.outcome = outcome;
		this.time = time;
		this.remaining = remaining;
		this.permit = permit;
	}

	/**
	 * Returns the rule that decided.
	 * @return the rule as it was then
	 */
	public RateRule rule() {
		return this.rule;
	}

	/**
	 * Returns how it went.
	 * @return the outcome
	 */
	public Outcome outcome() {
		return this.outcome;
	}

	/**
	 * Returns whether the call may go on.
	 * @return false if it was refused
	 */
	public boolean isAdmitted() {
		return this.outcome != Outcome.REFUSED;
	}

	/**
	 * Returns how long the permits had to be waited for.
	 * @return the time; zero for a refusal
	 */
	public Duration waited() {
		return isAdmitted() ? this.time : Duration.ZERO;
	}

	/**
	 * Returns after how long the same call may be admitted at the earliest.
	 * @return the time; zero if it was admitted, or that is not known
	 */
	public Duration retryAfter() {
		return isAdmitted() ? Duration.ZERO : this.time;
	}

	/**
	 * Returns how many more permits there are at this moment.
	 * @return how many; -1 if that is not known
	 */
	public long remaining() {
		return this.remaining;
	}

	/**
	 * Returns this decision if the call may go on.
	 * @return this
	 * @throws RateLimitedException if it was refused
	 */
	public RateDecision orElseThrow() {
		if (!isAdmitted()) {
			throw new RateLimitedException(this.rule, this.time);
		}
		return this;
	}

	/**
	 * Returns whether a permit for concurrency is held still. One is not that was given
	 * back, or was lost as this process stood still or the store was out of reach for
	 * longer than its lease. No I/O.
	 * @return whether it is; of other rules, whether the call was admitted
	 */
	public boolean isHeld() {
		return (this.permit != null) ? this.permit.held().isHeld() : isAdmitted();
	}

	/**
	 * Gives the permit back if the rule limits concurrency, and does nothing otherwise:
	 * what is taken from a rate is used up. Idempotent.
	 */
	@Override
	public void close() {
		if (this.permit != null) {
			this.permit.release();
		}
	}

	/** Gives it back on another thread, as that may call the store. */
	void closeAsync() {
		if (this.permit != null) {
			try {
				this.permit.threads().execute(this::close);
			}
			catch (RejectedExecutionException ex) {
				// The application ends.
				close();
			}
		}
	}

	/**
	 * A permit that is held.
	 *
	 * @param held the permit
	 * @param threads may wait for the store
	 * @param returned run once, when it is given back
	 */
	record Permit(ConcurrencyLimits.Permit held, Executor threads, AtomicReference<@Nullable Runnable> returned) {

		void release() {
			Runnable first = this.returned.getAndSet(null);
			if (first != null) {
				first.run();
			}
			this.held.release();
		}

	}

	/**
	 * How a call went.
	 */
	public enum Outcome {

		/** The permits are granted. */
		ADMITTED,

		/** There are not so many permits. */
		REFUSED,

		/** There are not so many, but the rule only counts. */
		SHADOWED,

		/** The store failed, and the rule lets calls through then. */
		UNCHECKED

	}

}
