package io.concord.lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The clock of a store under test: stands still until it is moved.
 */
public final class FakeTime {

	/**
	 * Beyond the clock of any server, so that a server that mixes its own in is caught.
	 */
	private final AtomicLong micros = new AtomicLong(4_000_000_000_000_000L);

	public long micros() {
		return this.micros.get();
	}

	public long nanos() {
		return this.micros.get() * 1_000;
	}

	public void pass(Duration duration) {
		this.micros.addAndGet(duration.toNanos() / 1_000);
	}

}
