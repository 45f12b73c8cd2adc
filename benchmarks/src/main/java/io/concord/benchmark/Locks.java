package io.concord.benchmark;

import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * A way to lock, as one process uses it, and for as long as that lives. Thread-safe.
 */
interface Locks {

	/**
	 * Waits until the calling thread has the lock.
	 * @param key name of the lock
	 * @return to be released by the same thread
	 * @throws Exception if the way fails
	 */
	Held acquire(String key) throws Exception;

	/** What is held. */
	interface Held {

		void release() throws Exception;

	}

	/** One try. */
	interface Attempt {

		@Nullable Held attempt() throws Exception;

	}

	/**
	 * Tries again and again, for a way that can't wait.
	 * @param pauseNanos the pause between two tries, 0 for none
	 */
	static Held untilHeld(long pauseNanos, Attempt attempt) throws Exception {
		while (true) {
			Held held = attempt.attempt();
			if (held != null) {
				return held;
			}
			if (pauseNanos > 0) {
				LockSupport.parkNanos(pauseNanos);
			}
		}
	}

}
