package io.concord.lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clocks of an engine, which stand still until they are told to go on.
 */
final class TestClock {

	private final AtomicLong nanos = new AtomicLong(1_000);

	private final AtomicLong wallMillis = new AtomicLong(1_700_000_000_000L);

	long nanos() {
		return this.nanos.get();
	}

	long wallMillis() {
		return this.wallMillis.get();
	}

	/** Both go on. */
	void pass(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
		jump(duration.toMillis());
	}

	/** The wall clock jumps, as when the machine was suspended or the clock was set. */
	void jump(long millis) {
		this.wallMillis.addAndGet(millis);
	}

}
