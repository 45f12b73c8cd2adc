package io.concord.lease;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * What hints are for: wakes the thread that waits in line, or whatever stands for it. A
 * signal that comes before the wait ends the wait at once.
 */
final class Waiter {

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition signal = this.lock.newCondition();

	private final @Nullable Runnable onSignal;

	private boolean signalled;

	/** Creates one for a thread. */
	Waiter() {
		this(null);
	}

	/**
	 * Creates one for what is no thread.
	 * @param onSignal run at each signal by who gives it; quick
	 */
	Waiter(@Nullable Runnable onSignal) {
		this.onSignal = onSignal;
	}

	void signal() {
		this.lock.lock();
		try {
			this.signalled = true;
			this.signal.signal();
		}
		finally {
			this.lock.unlock();
		}
		if (this.onSignal != null) {
			this.onSignal.run();
		}
	}

	boolean isSignalled() {
		this.lock.lock();
		try {
			return this.signalled;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Forgets signals: the look that follows sees all that they could tell. */
	void reset() {
		this.lock.lock();
		try {
			this.signalled = false;
		}
		finally {
			this.lock.unlock();
		}
	}

	void await(long nanos) throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			long left = nanos;
			while (!this.signalled && left > 0) {
				left = this.signal.awaitNanos(left);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

}
