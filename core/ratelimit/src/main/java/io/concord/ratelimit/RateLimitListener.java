package io.concord.ratelimit;

/**
 * Is told of what {@link DefaultRateLimits} decide. Called by the thread that asks, or by
 * one that all share, so it must return at once and throw nothing. Thread-safe.
 */
@FunctionalInterface
public interface RateLimitListener {

	/**
	 * Something was decided. What has failed with the store is not.
	 * @param decision the decision; not to be closed
	 */
	void decided(RateDecision decision);

}
