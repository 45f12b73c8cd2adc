package io.concord.hashing;

import org.jspecify.annotations.Nullable;

/**
 * Keys from one up to but not including another belong to a node. Immutable.
 *
 * @param from the least key, or {@code null} for all below {@code to}
 * @param to the first key that is beyond, or {@code null} for all from {@code from} on
 * @param node name of the node
 */
public record KeyRange(@Nullable String from, @Nullable String to, String node) {

	/**
	 * Describes a range of numbers.
	 * @param from the least number
	 * @param to the first number that is beyond
	 * @param node name of the node
	 * @return the range
	 */
	public static KeyRange of(long from, long to, String node) {
		return new KeyRange(Long.toString(from), Long.toString(to), node);
	}

	@Override
	public String toString() {
		return "[" + ((this.from != null) ? this.from : "…") + ", " + ((this.to != null) ? this.to : "…") + ") → "
				+ this.node;
	}

}
