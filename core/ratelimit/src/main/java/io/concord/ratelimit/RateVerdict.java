package io.concord.ratelimit;

/**
 * What a store answers. Immutable.
 *
 * @param permits how many are granted; 0 for a refusal
 * @param waitMicros of what is granted: how long to wait before its use, µs; of a
 * refusal: after how long, at the earliest, the same query may be admitted, at least 1 µs
 * @param remaining how many more single permits would be granted at this moment
 */
public record RateVerdict(long permits, long waitMicros, long remaining) {

	/**
	 * Returns whether anything is granted.
	 * @return false for a refusal
	 */
	public boolean isAdmitted() {
		return this.permits > 0;
	}

}
