package io.concord.lease;

import java.util.function.LongSupplier;

/**
 * Lets tests move the clocks of an engine.
 */
public final class EngineClock {

	private EngineClock() {
	}

	/**
	 * Sets the wall clock.
	 * @param wallMillis ms since 1970
	 */
	public static LeaseEngine.Builder wall(LeaseEngine.Builder builder, LongSupplier wallMillis) {
		return builder.wallMillis(wallMillis);
	}

	/**
	 * Sets the clock of deadlines. Renewals are scheduled on the real one all the same.
	 * @param nanoTime ns from any origin
	 */
	public static LeaseEngine.Builder deadlines(LeaseEngine.Builder builder, LongSupplier nanoTime) {
		return builder.nanoTime(nanoTime);
	}

}
