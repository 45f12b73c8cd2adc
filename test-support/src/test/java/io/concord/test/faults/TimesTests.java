package io.concord.test.faults;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static io.concord.test.faults.Histories.ok;
import static org.assertj.core.api.Assertions.assertThat;

class TimesTests {

	private static final Duration BOUND = Duration.ofNanos(100);

	/** Worker 1 stood still from 50 to 150, and the runner from 100 to 200. */
	private final Times times = new Times("in time", History.of(List.of(ok(199, History.STALL, 0, 50, 150),
			ok(99, History.STALL, 0, 100, 200), ok(299, History.STALL, 0, 0, 1_000)))
		.stalls());

	@Test
	void acceptsWhatIsInTime() {
		this.times.add(1, 0, 100, BOUND);
		assertThat(this.times.findings()).isEmpty();
		assertThat(this.times.percentile(1)).isEqualTo(BOUND);
		assertThat(this.times.discounted()).isZero();
	}

	@Test
	void findsWhatTakesTooLong() {
		this.times.add(1, 300, 401, BOUND);
		assertThat(this.times.findings()).hasSize(1);
	}

	@Test
	void takesOffWhatTheWorkerOrTheRunnerStoodStill() {
		this.times.add(1, 0, 250, BOUND);
		assertThat(this.times.findings()).isEmpty();
		assertThat(this.times.discounted()).isEqualTo(Duration.ofNanos(150));
		this.times.add(3, 0, 201, BOUND);
		assertThat(this.times.findings()).hasSize(1);
	}

	@Test
	void tellsPercentiles() {
		for (int i = 1; i <= 100; i++) {
			this.times.add(5, 0, i, BOUND);
		}
		assertThat(this.times.percentile(0.99)).isEqualTo(Duration.ofNanos(99));
		assertThat(this.times.percentile(0.5)).isEqualTo(Duration.ofNanos(50));
		assertThat(this.times.count()).isEqualTo(100);
	}

}
