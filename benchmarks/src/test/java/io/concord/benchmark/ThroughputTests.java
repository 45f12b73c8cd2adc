package io.concord.benchmark;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ThroughputTests {

	@Test
	void countsWhatWasDoneInTime() throws Exception {
		Set<Integer> threads = ConcurrentHashMap.newKeySet();
		AtomicLong done = new AtomicLong();
		long count = Throughput.count(3, (thread) -> () -> {
			threads.add(thread);
			done.incrementAndGet();
			return 7;
		}, System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(50));
		assertThat(threads).containsExactlyInAnyOrder(0, 1, 2);
		// The last of each thread came too late.
		assertThat(count).isPositive().isEqualTo(7 * (done.get() - 3));
	}

}
