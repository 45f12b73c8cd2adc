package io.concord.ratelimit;

/**
 * How a rule counts.
 */
public enum RateAlgorithm {

	/**
	 * Permits come at the rate and are kept up to the burst: bursts pass, and then as
	 * many as come. In any window at most burst + rate × window.
	 */
	TOKEN_BUCKET,

	/**
	 * One after the other, evenly spaced: who comes too early is told how long to wait
	 * for its turn, as far as {@code max-wait} allows, and is refused otherwise.
	 */
	LEAKY_BUCKET,

	/**
	 * At most so many in any window of the period, wherever it begins. Counts in tenths
	 * of the period, and gives a permit back up to a tenth of the period late.
	 */
	SLIDING_WINDOW,

	/**
	 * So many in each period of the clock. Around the turn of a period twice as many can
	 * pass in a short time.
	 */
	FIXED_WINDOW,

	/** At most so many at the same time; who has one gives it back. */
	CONCURRENCY

}
