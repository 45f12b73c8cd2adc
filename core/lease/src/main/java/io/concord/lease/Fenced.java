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

}
