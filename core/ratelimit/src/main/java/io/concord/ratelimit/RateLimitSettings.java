package io.concord.ratelimit;

import java.time.Duration;

/**
 * How limits are asked, whatever the rule. Immutable.
 *
 * @param storeTimeout how long a call to the store of rates may take; at most 5 s
 * @param leaseTime after which the permit of a crashed process is free again, of rules
 * that limit concurrency
 */
public record RateLimitSettings(Duration storeTimeout, Duration leaseTime) {

	/** Longest time-out: statements that wait so long may count by the time before. */
	public static final Duration LONGEST_STORE_TIMEOUT = Duration.ofSeconds(5);

	/** What holds where nothing else is said. */
	public static final RateLimitSettings DEFAULT = new RateLimitSettings(Duration.ofMillis(250),
			Duration.ofSeconds(30));

	public RateLimitSettings {
		if (storeTimeout.toMillis() < 1 || storeTimeout.compareTo(LONGEST_STORE_TIMEOUT) > 0) {
			throw new IllegalArgumentException(
					"The time-out of a store of rates must be between 1 ms and 5 s, not " + storeTimeout);
		}
		if (leaseTime.toMillis() < 1) {
			throw new IllegalArgumentException("The lease time must be positive, not " + leaseTime);
		}
	}

}
