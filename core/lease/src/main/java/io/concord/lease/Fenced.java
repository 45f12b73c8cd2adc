package io.concord.lease;

/**
 * Something held that a guard can check where data is written: a {@link Lease}, a lock.
 */
public interface Fenced {

	/**
	 * Returns what tells this grant from all others. No I/O. The same for as long as it
	 * is held, and after that too.
	 * @return the fence
	 */
	Fence fence();

	/**
	 * Tells that a guard has refused this grant, so that later ones get larger tokens
	 * than the guard has, in case that the store has lost its own. No I/O.
	 * @param token the token that the guard has
	 */
	default void fencedOutBy(long token) {
	}

}
