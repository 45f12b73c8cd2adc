package io.concord.ratelimit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.concord.lease.LeaseStoreException;

/**
 * Keeps rules that limit how much runs at the same time. Thread-safe.
 */
public interface ConcurrencyLimits {

	/**
	 * Takes a permit, and waits for one if need be.
	 * @param rule the rule
	 * @param key what is limited apart
	 * @param maxWait how long to wait at most
	 * @return the permit; empty if there was none in time
	 * @throws LeaseStoreException if a store failed
	 */
	Optional<Permit> acquire(RateRule rule, String key, Duration maxWait);

	/**
	 * Takes a permit as {@link #acquire} does, without a thread that waits.
	 * @param rule as there
	 * @param key as there
	 * @param maxWait as there
	 * @return completes with what is returned or thrown there. To cancel it leaves the
	 * line.
	 */
	CompletableFuture<Optional<Permit>> acquireAsync(RateRule rule, String key, Duration maxWait);

	/**
	 * Returns how many permits are left.
	 * @param rule the rule
	 * @param key what is limited apart
	 * @return how many at this moment; -1 if that is not known
	 * @throws LeaseStoreException if a store failed
	 */
	long available(RateRule rule, String key);

	/**
	 * Forgets who holds permits. What runs goes on, and counts no more.
	 * @param rule the rule
	 * @param key what is limited apart
	 * @throws LeaseStoreException if a store failed
	 */
	void reset(RateRule rule, String key);

	/**
	 * Returns whether calls can wait for their turn.
	 * @return true by default
	 */
	default boolean canWait() {
		return true;
	}

	/**
	 * A permit that was granted. Thread-safe.
	 */
	interface Permit {

		/**
		 * Returns whether it is held still.
		 * @return false after it was given back or lost
		 */
		boolean isHeld();

		/** Gives it back. Idempotent. */
		void release();

	}

}
