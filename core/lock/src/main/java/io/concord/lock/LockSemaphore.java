package io.concord.lock;

import java.time.Duration;
import java.util.Optional;

/**
 * A number of permits that all processes on the same store share. The permits of a
 * process that dies come back when their leases have ended. Not reentrant: every
 * acquisition takes a permit, also on a thread that has one. Thread-safe.
 */
public interface LockSemaphore {

	/**
	 * Takes a permit if one is free.
	 * @return the permit, to be closed, or empty
	 */
	Optional<HeldLock> tryAcquire();

	/**
	 * Takes a permit, first come, first served.
	 * @param waitTime how long to wait for one; zero for not at all
	 * @return the permit, to be closed
	 * @throws LockUnavailableException if none was to be had in time
	 */
	HeldLock acquire(Duration waitTime);

}
