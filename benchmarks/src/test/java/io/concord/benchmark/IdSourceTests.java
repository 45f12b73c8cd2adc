package io.concord.benchmark;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.concord.benchmark.IdSource.Histogram;
import io.concord.benchmark.IdSource.Ids;

import static org.assertj.core.api.Assertions.assertThat;

class IdSourceTests {

	@ParameterizedTest
	@EnumSource
	void everyContenderGivesDifferentIds(IdContender contender) {
		LongSupplier next = contender.open().next();
		Set<Long> ids = new HashSet<>();
		for (int i = 0; i < 1_000; i++) {
			ids.add(next.getAsLong());
		}
		assertThat(ids).hasSize(1_000);
	}

	@Test
	void countsAllIdsOfACall() throws Exception {
		AtomicLong calls = new AtomicLong();
		IdSource source = new IdSource(new Ids(100, () -> calls::incrementAndGet));
		long counted = source.work(0).run();
		assertThat(counted).isEqualTo(100 * calls.get());
	}

	@Test
	void waitsAreAtMostWhatWasMeasured() {
		assertThat(new IdSource(Ids.of(new AtomicLong()::incrementAndGet)).waits(TimeUnit.MILLISECONDS.toNanos(20)))
			.hasSize(5)
			.isSorted()
			.allMatch((nanos) -> nanos >= 0);
	}

	@Test
	void percentilesAreExactToASixteenth() {
		Histogram histogram = new Histogram();
		for (int i = 1; i <= 10_000; i++) {
			histogram.add(i * 1_000L);
		}
		assertThat(histogram.percentile(0.5)).isBetween(5_000_000L, 5_000_000L * 17 / 16);
		assertThat(histogram.percentile(0.9999)).isBetween(9_999_000L, 9_999_000L * 17 / 16);
		assertThat(histogram.percentile(1)).isBetween(10_000_000L, 10_000_000L * 17 / 16);
		histogram.add(Long.MAX_VALUE);
		assertThat(histogram.percentile(1)).isEqualTo(Long.MAX_VALUE);
		Histogram small = new Histogram();
		small.add(7);
		assertThat(small.percentile(0.5)).isEqualTo(7);
	}

}
