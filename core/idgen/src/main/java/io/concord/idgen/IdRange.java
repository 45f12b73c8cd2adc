package io.concord.idgen;

/**
 * A range of ids.
 *
 * @param first the first id, at least 1
 * @param last the last id, included
 */
public record IdRange(long first, long last) {

	public IdRange {
		if (first < 1 || last < first) {
			throw new IllegalArgumentException("There are no ids from " + first + " to " + last);
		}
	}

	/**
	 * Returns how many ids it has.
	 * @return their number
	 */
	public long size() {
		return this.last - this.first + 1;
	}

}
