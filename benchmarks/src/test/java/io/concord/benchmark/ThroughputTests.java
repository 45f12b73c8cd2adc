package io.concord.benchmark;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ThroughputTests {

	@Test
	void countsWhatWasReleasedInTime() throws Exception {
		Set<String> keys = ConcurrentHashMap.newKeySet();
		AtomicLong released = new AtomicLong();
		long count = Throughput.count((key) -> {
			keys.add(key);
			return released::incrementAndGet;
		}, 3, (thread) -> "own-" + thread, System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50));
		assertThat(keys).containsExactlyInAnyOrder("own-0", "own-1", "own-2");
		// The last of each thread came too late.
		assertThat(count).isPositive().isEqualTo(released.get() - 3);
	}

}
