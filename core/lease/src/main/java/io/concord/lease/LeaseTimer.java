package io.concord.lease;

import java.util.TreeSet;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs short things at their time, one after the other on one thread.
 *
 * <p>
 * Made for what is hardly ever run: every lease has a tick pending, and nearly all are
 * cancelled long before their time. So the thread is woken only for a tick that comes
 * before it would wake by itself, and never by a cancellation: it then wakes for nothing,
 * at most once for every time it has slept. A queue that forgets what is cancelled and
 * wakes for each new head, as that of the JDK, would wake it for almost every lease.
 *
 * <p>
 * One lock guards all. Nothing is run under it, and no other lock is taken. What is run
 * may throw: the thread goes on, as the loss of every lease would be told by it.
 */
final class LeaseTimer {

	private static final Logger logger = LoggerFactory.getLogger(LeaseTimer.class);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final TreeSet<Tick> ticks = new TreeSet<>();

	private long added;

	private boolean closed;

	/** Whether the thread sleeps until something is added, whatever its time. */
	private boolean idle;

	/** When the thread wakes by itself, unless it is idle or has something to do. */
	private long wakesAt;

	/** Whether the thread sleeps. */
	private boolean asleep;

	/**
	 * Starts a timer.
	 * @param threads makes its thread
	 */
	LeaseTimer(ThreadFactory threads) {
		threads.newThread(this::runAll).start();
	}

	/**
	 * Runs something at its time.
	 * @param nanos how long from now; at once if not positive
	 * @param task short, waits for nothing
	 * @return to cancel it by, or null if the timer is closed
	 */
	@Nullable Tick after(long nanos, Runnable task) {
		long at = System.nanoTime() + Math.max(0, nanos);
		this.lock.lock();
		try {
			if (this.closed) {
				return null;
			}
			Tick tick = new Tick(at, this.added++, task);
			this.ticks.add(tick);
			if (this.asleep && (this.idle || at - this.wakesAt < 0)) {
				this.changed.signal();
			}
			return tick;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Runs nothing more but what is being run. */
	void close() {
		this.lock.lock();
		try {
			this.closed = true;
			this.ticks.clear();
			this.changed.signal();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void runAll() {
		while (true) {
			try {
				Tick due = awaitNext();
				if (due == null) {
					return;
				}
				due.task.run();
			}
			catch (Throwable ex) {
				tell(ex);
			}
		}
	}

	private static void tell(Throwable ex) {
		try {
			logger.error("What had its time has failed", ex);
		}
		catch (Throwable again) {
			// Perhaps there is no memory to tell it.
		}
	}

	/** Returns null if the timer is closed. */
	private @Nullable Tick awaitNext() throws InterruptedException {
		this.lock.lock();
		try {
			while (!this.closed) {
				Tick first = this.ticks.isEmpty() ? null : this.ticks.first();
				long left = (first != null) ? first.at - System.nanoTime() : Long.MAX_VALUE;
				if (first != null && left <= 0) {
					this.ticks.remove(first);
					return first;
				}
				sleep(first, left);
			}
			return null;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Under the lock. */
	private void sleep(@Nullable Tick first, long nanos) throws InterruptedException {
		this.idle = first == null;
		this.wakesAt = (first != null) ? first.at : 0;
		this.asleep = true;
		try {
			if (first == null) {
				this.changed.await();
			}
			else {
				this.changed.awaitNanos(nanos);
			}
		}
		finally {
			this.asleep = false;
		}
	}

	/** Something that is to be run. */
	final class Tick implements Comparable<Tick> {

		private final long at;

		private final long number;

		private final Runnable task;

		Tick(long at, long number, Runnable task) {
			this.at = at;
			this.number = number;
			this.task = task;
		}

		/** Has no effect on what has begun. */
		void cancel() {
			LeaseTimer.this.lock.lock();
			try {
				LeaseTimer.this.ticks.remove(this);
			}
			finally {
				LeaseTimer.this.lock.unlock();
			}
		}

		/** By their time, and in the order in which they were added. */
		@Override
		public int compareTo(Tick other) {
			long difference = (this.at != other.at) ? this.at - other.at : this.number - other.number;
			return Long.signum(difference);
		}

	}

}
