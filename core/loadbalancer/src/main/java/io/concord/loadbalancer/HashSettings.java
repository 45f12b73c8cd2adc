package io.concord.loadbalancer;

import java.util.Objects;

/**
 * How keys of calls find their instance. Immutable.
 *
 * @param table which table
 * @param bound how many times its share an instance has in flight at most, before calls
 * spill to others, such as 1.25; 0 for no bound
 */
public record HashSettings(Table table, double bound) {

	/** What is used if nothing is said. */
	public static final HashSettings DEFAULT = new HashSettings(Table.RENDEZVOUS, 0);

	public HashSettings {
		Objects.requireNonNull(table, "table");
		if (bound != 0 && !(bound >= 1.01 && bound <= 100)) {
			throw new InvalidBalancerException("hash.bound", bound, "but must be 0 or from 1.01 to 100",
					"Set it to a factor, such as 1.25, or to 0 for no bound.");
		}
	}

	/**
	 * Tables of keys, see {@link io.concord.hashing.Partitioners}.
	 */
	public enum Table {

		/** Exact shares and no needless moves; a choice looks at each instance. */
		RENDEZVOUS,

		/** Many points of each instance on a circle. */
		RING,

		/** A table that is filled in turns: fastest, with a few needless moves. */
		MAGLEV

	}

}
