package io.concord.lease;

import java.time.Duration;

/**
 * What a store can do. Features that need what a store lacks refuse it at start; the
 * contract kit tests what is declared.
 *
 * @param fifo whether waiting claims are served in the order in which they joined the
 * line
 * @param tokens whether every later grant of a resource has a larger token
 * @param limits whether claims with a limit other than 1 are taken
 * @param hints whether the store tells an engine of an offer, see
 * {@link LeaseStore#listen}; without hints, waiters look again by time alone
 * @param margin by how much a holder must stop before its lease ends by its own count,
 * for what the store's way of expiring leases adds to the engine's own allowance
 * @param expiry how claims end whose process has died or is cut off
 * @param floors whether a grant has a larger token than {@link Claim#floor()}, so that
 * tokens go on where they were if the store has lost them
 */
public record StoreCapabilities(boolean fifo, boolean tokens, boolean limits, boolean hints, Duration margin,
		Expiry expiry, boolean floors) {

	/**
	 * Creates the capabilities of a store that ends every claim by its own time and takes
	 * floors.
	 * @param fifo as above
	 * @param tokens as above
	 * @param limits as above
	 * @param hints as above
	 * @param margin as above
	 */
	public StoreCapabilities(boolean fifo, boolean tokens, boolean limits, boolean hints, Duration margin) {
		this(fifo, tokens, limits, hints, margin, Expiry.TIME, true);
	}

	/**
	 * How claims end whose process has died or is cut off.
	 */
	public enum Expiry {

		/**
		 * Each by its own time, on the store's clock. Those who wait are told how long a
		 * lease in front lasts.
		 */
		TIME,

		/**
		 * All claims of a process together, with its session: its time-out after the
		 * store has last heard of the process, whether their own time is shorter or
		 * longer. Their own time counts as long as the process lives and reaches the
		 * store. A grant says for how long it lasts, see
		 * {@link ClaimAnswer.Granted#atMost()}; those who wait are not told.
		 */
		SESSION

	}

}
