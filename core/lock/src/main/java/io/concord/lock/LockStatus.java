package io.concord.lock;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Who holds a lock and how many wait for it, in whichever process, as the store saw it at
 * one moment. It may have changed since: for people and tests, never to decide whether to
 * go on. Immutable.
 *
 * @param name full name of the lock
 * @param holders who holds it; none if it is free
 * @param waiters how many claims stand in line for it in the store; an estimate, as some
 * may have died. Threads of one process that wait for each other count once.
 */
public record LockStatus(String name, List<Holder> holders, int waiters) {

	public LockStatus {
		holders = List.copyOf(holders);
	}

	/**
	 * Returns whether anybody holds the lock.
	 * @return whether there is a holder
	 */
	public boolean isHeld() {
		return !this.holders.isEmpty();
	}

	/**
	 * Who holds a lock.
	 *
	 * @param owner identity of the holder's claim; the part before the last dash is the
	 * same for all claims of a process on the store
	 * @param fencingToken its fencing token; of a holder in another process the least
	 * that it can be, as the store does not know how often the lock was passed on there
	 * @param remaining when it ends if it is not renewed, on the clock of the store; null
	 * if only the holder's own process knows that, as on ZooKeeper
	 */
	public record Holder(String owner, long fencingToken, @Nullable Duration remaining) {
	}

}
