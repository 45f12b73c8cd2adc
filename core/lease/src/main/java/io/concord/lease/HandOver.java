package io.concord.lease;

import java.time.Duration;

/**
 * How far threads of one process may pass a lease on among themselves without asking the
 * store. Each such turn spares the store a release and a claim. A process that waits in
 * the line of the store is served when the turns are used up or the time is over, plus
 * the one turn that is under way then: the holder does not know of it, so the bounds
 * always apply. Immutable.
 *
 * @param maxTurns how many turns may follow the first under one grant of the store, 0 to
 * {@value #MOST_TURNS}
 * @param maxTime how long after the grant a turn may still be passed on
 */
public record HandOver(int maxTurns, Duration maxTime) {

	/** Most turns under one grant, as tokens have room for. */
	public static final int MOST_TURNS = 1_023;

	/** Every thread goes to the store. */
	public static final HandOver NONE = new HandOver(0, Duration.ZERO);

	/** 64 turns, and not after 250 ms. */
	public static final HandOver DEFAULT = new HandOver(64, Duration.ofMillis(250));

	public HandOver {
		if (maxTurns < 0 || maxTurns > MOST_TURNS) {
			throw new IllegalArgumentException(
					"The turns under one grant must be between 0 and " + MOST_TURNS + ", not " + maxTurns);
		}
		if (maxTime.isNegative()) {
			throw new IllegalArgumentException("The time for turns must not be negative: " + maxTime);
		}
	}

	/**
	 * Returns the token of a turn: larger than those of earlier turns and of all turns
	 * under earlier grants.
	 * @param grant the token that the store has given, below 2^53
	 * @param turn number of the turn, 0 for the first
	 */
	static long token(long grant, int turn) {
		return grant * (MOST_TURNS + 1) + turn;
	}

	/** Returns the token that the store has given, by that of a turn. */
	static long grant(long token) {
		return token / (MOST_TURNS + 1);
	}

}
