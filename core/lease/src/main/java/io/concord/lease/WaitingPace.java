package io.concord.lease;

import java.time.Duration;

/**
 * How often a request that waits asks the store. Immutable.
 *
 * @param patience how long its place in the line outlives the process, at most its lease
 * time: a waiter says three times as often that it lives. A shorter one costs more calls;
 * a longer one keeps the resource from the next in line for longer, if the process dies
 * just before its turn comes.
 * @param leastPause how long the first in line pauses at least between two looks that
 * nothing has caused, and those behind it in proportion to their place: matters where the
 * store gives no hints, so that its waiters poll, and while it fails
 */
public record WaitingPace(Duration patience, Duration leastPause) {

	/**
	 * For whoever is waited for by a thread: 2.5 s, and whatever the store thinks best.
	 */
	public static final WaitingPace DEFAULT = new WaitingPace(Duration.ofMillis(2_500), Duration.ofMillis(1));

	public WaitingPace {
		if (patience.toMillis() < 1 || leastPause.toMillis() < 1) {
			throw new IllegalArgumentException(
					"Patience and pauses must be at least 1 ms, not " + patience + " and " + leastPause);
		}
	}

}
