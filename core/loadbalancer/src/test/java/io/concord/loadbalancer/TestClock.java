package io.concord.loadbalancer;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Stands still unless it is told to go on. */
final class TestClock implements LongSupplier {

	private long now;

	/** Starts below zero, as real ones may. */
	TestClock() {
		this(Duration.ofSeconds(-3).toNanos());
	}

	TestClock(long start) {
		this.now = start;
	}

	@Override
	public long getAsLong() {
		return this.now;
	}

	void pass(Duration time) {
		this.now += time.toNanos();
	}

}
