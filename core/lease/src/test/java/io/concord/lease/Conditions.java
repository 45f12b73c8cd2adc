package io.concord.lease;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Waits for what comes about by other threads.
 */
public final class Conditions {

	/** Far beyond what it takes on a machine that has other things to do. */
	private static final Duration BOUND = Duration.ofSeconds(60);

	private Conditions() {
	}

	public static void await(BooleanSupplier condition) {
		long end = System.nanoTime() + BOUND.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as("the condition did not come about in time").isLessThan(end);
			LockSupport.parkNanos(1_000_000);
		}
	}

}
