package io.concord.loadbalancer;

/**
 * How an instance is chosen. All leave out instances that are ejected or have the weight
 * 0, and all but the hashes give an instance that is new its share step by step.
 */
public enum Algorithm {

	/** One after the other; weights don't count. */
	ROUND_ROBIN(false),

	/** One after the other, as often as its weight says, spread evenly over the round. */
	WEIGHTED_ROUND_ROBIN(true),

	/** The one with the fewest calls in flight; weights don't count. */
	LEAST_CONNECTIONS(false),

	/** The one with the fewest calls in flight for its weight. */
	WEIGHTED_LEAST_CONNECTIONS(true),

	/** Any; weights don't count. */
	RANDOM(false),

	/** Any, with a probability by its weight. */
	WEIGHTED_RANDOM(true),

	/**
	 * Of two that are drawn by weight the one with fewer calls in flight for its weight.
	 */
	POWER_OF_TWO(true),

	/**
	 * Of two that are drawn by weight the one that would answer first, by what its last
	 * answers took and by its calls in flight.
	 */
	PEAK_EWMA(true),

	/**
	 * Always the same for an address of a client; without one as
	 * {@link #WEIGHTED_ROUND_ROBIN}.
	 */
	SOURCE_IP_HASH(true),

	/**
	 * Always the same for a key of the call, and few keys move when instances come or go;
	 * without a key as {@link #WEIGHTED_ROUND_ROBIN}.
	 */
	CONSISTENT_HASH(true),

	/**
	 * The one that a cookie names; without a cookie as {@link #WEIGHTED_ROUND_ROBIN}.
	 */
	STICKY(true);

	private final boolean weighted;

	Algorithm(boolean weighted) {
		this.weighted = weighted;
	}

	/**
	 * Returns whether it counts weights other than 0.
	 * @return whether it does
	 */
	public boolean isWeighted() {
		return this.weighted;
	}

	/**
	 * Returns whether it decides by a hash of the call's key.
	 * @return whether it does
	 */
	public boolean isHash() {
		return this == SOURCE_IP_HASH || this == CONSISTENT_HASH;
	}

}
