package io.concord.ratelimit;

import java.time.Duration;

/**
 * How limits are asked, whatever the rule. Immutable.
 *
 * @param storeTimeout how long a call to the store of rates may take; at most 5 s
 * @param topRefused how many of the keys that each rule refuses most often are told; 0 to
 * count none
 */
public record RateLimitSettings(Duration storeTimeout, int topRefused) {

	/** Longest time-out: statements that wait so long may count by the time before. */
	public static final Duration LONGEST_STORE_TIMEOUT = Duration.ofSeconds(5);

	/** Most keys that are told of a rule. */
	public static final int MOST_TOP_REFUSED = 1_000;

	/** What holds where nothing else is said. */
	public static final RateLimitSettings DEFAULT = new RateLimitSettings(Duration.ofMillis(250), 0);

	public RateLimitSettings {
		if (storeTimeout.toMillis() < 1 || storeTimeout.compareTo(LONGEST_STORE_TIMEOUT) > 0) {
			throw new IllegalArgumentException(
					"The time-out of a store of rates must be between 1 ms and 5 s, not " + storeTimeout);
		}
		if (topRefused < 0 || topRefused > MOST_TOP_REFUSED) {
			throw new IllegalArgumentException(
					"0 to " + MOST_TOP_REFUSED + " of the keys that are refused can be told, not " + topRefused);
		}
	}

}
