package io.concord.ratelimit;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps a map that is full from being looked through with every call: a flood of keys
 * would make each of them pay for all. Thread-safe.
 */
final class Purges {

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final LongSupplier nanoTime;

	private final AtomicLong next;

	Purges(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
		this.next = new AtomicLong(nanoTime.getAsLong());
	}

	/** Whether it is time for another one, for one of all who ask. */
	boolean isTime() {
		long due = this.next.get();
		long now = this.nanoTime.getAsLong();
		return now - due >= 0 && this.next.compareAndSet(due, now + PAUSE_NANOS);
	}

}
