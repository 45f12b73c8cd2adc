package io.concord.ratelimit;

/**
 * What a store is asked. Immutable.
 *
 * @param rule name of the rule
 * @param key what is limited apart; empty for all together
 * @param spec the limit
 * @param permits how many; from 1 to {@link RateSpec#mostPermits()}, more only if a part
 * will do
 * @param maxWait how far in the future they may be, µs; up to {@link RateSpec#mostWait()}
 * @param partial whether fewer will do, if not so many are left at once
 * @param now the time to decide by instead of the store's, µs since 1970, for tests; 0
 * for that of the store
 */
public record RateQuery(String rule, String key, RateSpec spec, long permits, long maxWait, boolean partial, long now) {

	/** A time that is no time: that of the store counts. */
	public static final long STORE_TIME = 0;

	public RateQuery {
		if (permits < 1 || (!partial && permits > spec.mostPermits())) {
			throw new IllegalArgumentException("A call can ask rate limit '" + rule + "' for 1 to " + spec.mostPermits()
					+ " permits, not for " + permits);
		}
		if (maxWait < 0 || maxWait > spec.mostWait()) {
			throw new IllegalArgumentException("A call can wait for rate limit '" + rule + "' for 0 to "
					+ spec.mostWait() + " µs, not for " + maxWait);
		}
	}

	/**
	 * Returns the name of the state in a store.
	 * @return rule, kind and key
	 */
	public String resource() {
		return resource(this.rule, this.spec.kind(), this.key);
	}

	/**
	 * Returns the name of a state in a store.
	 * @param rule name of the rule
	 * @param kind what the numbers mean
	 * @param key the key
	 * @return rule, kind and key
	 */
	public static String resource(String rule, RateSpec.Kind kind, String key) {
		return rule + "/" + kind.code() + "/" + key;
	}

}
