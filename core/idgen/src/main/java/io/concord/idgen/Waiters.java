package io.concord.idgen;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Threads that are parked until something is there for them. Whoever waits looks again
 * after it was registered and after every wake-up, so that no wake-up is missed, and at
 * the latest when its time is over.
 */
final class Waiters {

	private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

	private final LongConsumer park;

	/**
	 * Creates a place to wait.
	 * @param park parks the calling thread for so many ns, or shorter
	 */
	Waiters(LongConsumer park) {
		this.park = park;
	}

	/**
	 * Parks the calling thread once, unless there is something already.
	 * @param there whether there is something
	 * @param nanos how long at most
	 */
	void await(BooleanSupplier there, long nanos) {
		Thread thread = Thread.currentThread();
		this.threads.add(thread);
		try {
			if (!there.getAsBoolean()) {
				pause(nanos);
			}
		}
		finally {
			this.threads.remove(thread);
		}
	}

	/**
	 * Parks the calling thread once, for nothing but time to pass.
	 * @param nanos how long at most
	 */
	void pause(long nanos) {
		// A thread with its flag set would not be parked, but spin.
		boolean interrupted = Thread.interrupted();
		try {
			this.park.accept(nanos);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/** Wakes all that wait. */
	void wake() {
		this.threads.forEach(LockSupport::unpark);
	}

}
