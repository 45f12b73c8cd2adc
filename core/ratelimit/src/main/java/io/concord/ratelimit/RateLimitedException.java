package io.concord.ratelimit;

import java.time.Duration;

import io.concord.ConcordException;

/**
 * A call was refused by a rate limit. It was not run, and took no permits.
 */
public class RateLimitedException extends ConcordException {

	private final RateRule rule;

	private final Duration retryAfter;

	/**
	 * Creates the exception.
	 * @param rule the rule
	 * @param retryAfter after how long it may be admitted at the earliest; zero if that
	 * is not known
	 */
	public RateLimitedException(RateRule rule, Duration retryAfter) {
		super("Rate limit '" + rule.name() + "' is reached"
				+ (retryAfter.isZero() ? "" : ", try again after " + Math.max(1, retryAfter.toMillis()) + " ms"));
		this.rule = rule;
		this.retryAfter = retryAfter;
	}

	/**
	 * Returns the rule that refused.
	 * @return the rule
	 */
	public RateRule getRule() {
		return this.rule;
	}

	/**
	 * Returns after how long the same call may be admitted at the earliest.
	 * @return the time; zero if that is not known
	 */
	public Duration getRetryAfter() {
		return this.retryAfter;
	}

}
