package io.concord.lease;

import java.time.Duration;

/**
 * What a store says to {@link LeaseStore#claim} and {@link LeaseStore#refresh}.
 */
public sealed interface ClaimAnswer {

	/**
	 * The claim holds the resource for its full TTL, counted by the store from some
	 * moment after the request was sent, or for as long as {@code atMost} says.
	 *
	 * @param token the fencing token: larger than that of every earlier grant of the
	 * resource, unchanged by a refresh. Between 1 and 2^53 - 1.
	 * @param atMost how long the store certainly keeps the grant without another refresh,
	 * counted from before the request was made, if that can be less than the TTL; the
	 * engine then renews in time for it. Zero if it may have ended already.
	 */
	record Granted(long token, Duration atMost) implements ClaimAnswer {

		/** Of a grant that lasts for its TTL. */
		private static final Duration ITS_TTL = Duration.ofNanos(Long.MAX_VALUE);

		/**
		 * Creates the answer of a store that keeps a grant for its full TTL.
		 * @param token the fencing token
		 */
		public Granted(long token) {
			this(token, ITS_TTL);
		}

	}

	/**
	 * The claim stands in the line.
	 *
	 * @param ahead how many claims may stand before it; an estimate, 0 for the first in
	 * line
	 * @param lookAgain after which time another look is worth while even if no hint
	 * comes, as a lease in front will have ended by then or the store gives no hints. The
	 * claim's patience bounds it all the same.
	 */
	record Waiting(int ahead, Duration lookAgain) implements ClaimAnswer {
	}

	/**
	 * The resource is taken and the claim does not wait. Nothing is left in the store.
	 */
	record Refused() implements ClaimAnswer {
	}

	/**
	 * The store has no such claim: it has expired, was never made, or is barred by a
	 * release that came before it.
	 */
	record Gone() implements ClaimAnswer {
	}

}
