package io.concord.benchmark;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * A candidate that is asked every millisecond whether it leads, as one who does something
 * only then. One thread asks; {@code lock} guards what it has found.
 */
final class Candidate {

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(60);

	/** Of the last looks that found it leading: some ten seconds. */
	private static final int KEPT = 10_000;

	private final Standing standing;

	private final Thread thread = new Thread(this::ask, "candidate");

	private final ReentrantLock lock = new ReentrantLock();

	private final long[] led = new long[KEPT];

	private int looks;

	private @Nullable Long since;

	private volatile boolean left;

	Candidate(Standing standing) {
		this.standing = standing;
		this.thread.setDaemon(true);
		this.thread.start();
	}

	private void ask() {
		while (!this.left) {
			// Before the look, or a leader that stands still after it would seem to lead
			// when it goes on.
			long before = System.nanoTime();
			note(before, this.standing.isLeader());
			LockSupport.parkNanos(PAUSE_NANOS);
		}
	}

	private void note(long before, boolean leads) {
		this.lock.lock();
		try {
			if (!leads) {
				this.since = null;
				return;
			}
			if (this.since == null) {
				this.since = System.nanoTime();
			}
			this.led[this.looks++ % KEPT] = before;
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable Long since() {
		this.lock.lock();
		try {
			return this.since;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits until it leads.
	 * @return when it was first seen to, on the host's monotonic clock
	 */
	long awaitLeadership() {
		long begin = System.nanoTime();
		Long led = since();
		while (led == null) {
			if (System.nanoTime() - begin > BOUND_NANOS) {
				throw new IllegalStateException("It does not lead after a minute");
			}
			LockSupport.parkNanos(PAUSE_NANOS);
			led = since();
		}
		return led;
	}

	/**
	 * Tells how long it was seen to lead after a moment.
	 * @return the number of looks that found it leading, and ns to the last of them; 0 if
	 * there was none
	 */
	long[] ledAfter(long moment) {
		this.lock.lock();
		try {
			long[] result = new long[2];
			for (int i = 0; i < Math.min(this.looks, KEPT); i++) {
				if (this.led[i] - moment >= 0) {
					result[0]++;
					result[1] = Math.max(result[1], this.led[i] - moment);
				}
			}
			return result;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Leaves in good order.
	 */
	void leave() throws Exception {
		this.left = true;
		this.standing.leave();
		this.thread.join();
	}

}
