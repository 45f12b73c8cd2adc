package io.concord.idgen;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A wall clock and a monotonic one that stand still until they are moved; whoever parks
 * moves both, and gives real threads a moment.
 */
final class TestTime {

	static final Instant START = Instant.parse("2026-06-01T12:00:00Z");

	private final AtomicLong millis = new AtomicLong(START.toEpochMilli());

	private final AtomicLong nanos = new AtomicLong(1);

	long millis() {
		return this.millis.get();
	}

	long nanos() {
		return this.nanos.get();
	}

	/** Lets time go by on both clocks. */
	void pass(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
		this.millis.addAndGet(duration.toMillis());
	}

	/** Sets the wall clock only. */
	void step(Duration duration) {
		this.millis.addAndGet(duration.toMillis());
	}

	/** Parks: at least a millisecond passes, as wall clocks show no less. */
	void park(long parked) {
		pass(Duration.ofMillis(Math.max(1, TimeUnit.NANOSECONDS.toMillis(parked))));
		LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
	}

}
