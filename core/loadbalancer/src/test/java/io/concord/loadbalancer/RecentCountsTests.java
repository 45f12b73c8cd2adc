package io.concord.loadbalancer;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RecentCountsTests {

	private final TestClock clock = new TestClock();

	private final RecentCounts counts = new RecentCounts();

	@Test
	void forgetsAfterTenSeconds() {
		this.counts.add(this.clock.getAsLong(), 3, 1);
		this.clock.pass(Duration.ofSeconds(9));
		this.counts.add(this.clock.getAsLong(), 2, 2);
		assertThat(this.counts.all(this.clock.getAsLong())).isEqualTo(5);
		assertThat(this.counts.marked(this.clock.getAsLong())).isEqualTo(3);
		this.clock.pass(Duration.ofSeconds(1));
		assertThat(this.counts.all(this.clock.getAsLong())).isEqualTo(2);
		this.clock.pass(Duration.ofSeconds(20));
		assertThat(this.counts.all(this.clock.getAsLong())).isZero();
	}

	@Test
	void stopsAtAMillionInASecond() {
		this.counts.add(this.clock.getAsLong(), 1_000_000, 0);
		this.counts.add(this.clock.getAsLong(), 1_000_000, 0);
		assertThat(this.counts.all(this.clock.getAsLong())).isEqualTo((1 << 20) - 1);
		assertThat(this.counts.marked(this.clock.getAsLong())).isZero();
	}

}
