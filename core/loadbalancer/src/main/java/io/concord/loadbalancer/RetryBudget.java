package io.concord.loadbalancer;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How many calls may be tried again, over the last ten seconds: a share of all calls and
 * a few more a second. So a service that fails for all is not asked twice as often.
 * Thread-safe.
 */
public final class RetryBudget {

	private final RecentCounts counts = new RecentCounts();

	private final ReentrantLock lock = new ReentrantLock();

	private final LongSupplier nanoTime;

	private volatile double ratio;

	private volatile int perSecond;

	/**
	 * Creates a budget.
	 * @param ratio share of the calls that may be tried again, such as 0.2
	 * @param perSecond how many more a second
	 * @param nanoTime the clock
	 * @throws IllegalArgumentException as {@link #configure}
	 */
	public RetryBudget(double ratio, int perSecond, LongSupplier nanoTime) {
		check(ratio, perSecond);
		this.ratio = ratio;
		this.perSecond = perSecond;
		this.nanoTime = nanoTime;
	}

	/**
	 * Changes the limits, and keeps what was counted.
	 * @param ratio share of the calls that may be tried again, from 0 to 1
	 * @param perSecond how many more a second, not negative
	 * @throws IllegalArgumentException if one of them is out of bounds
	 */
	public void configure(double ratio, int perSecond) {
		check(ratio, perSecond);
		this.ratio = ratio;
		this.perSecond = perSecond;
	}

	private static void check(double ratio, int perSecond) {
		if (!(ratio >= 0 && ratio <= 1) || perSecond < 0) {
			throw new IllegalArgumentException("A budget for retries needs a ratio from 0 to 1 and not less than 0 "
					+ "a second, not " + ratio + " and " + perSecond);
		}
	}

	/** Counts a call that is made for the first time. */
	public void called() {
		this.counts.add(this.nanoTime.getAsLong(), 1, 0);
	}

	/**
	 * Takes one retry from the budget.
	 * @return whether there was one
	 */
	public boolean tryRetry() {
		long now = this.nanoTime.getAsLong();
		this.lock.lock();
		try {
			double allowed = this.ratio * this.counts.all(now) + this.perSecond * RecentCounts.SECONDS;
			if (this.counts.marked(now) + 1 > allowed) {
				return false;
			}
			this.counts.add(now, 0, 1);
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

}
