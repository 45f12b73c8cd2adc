package io.concord.benchmark;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RatesTests {

	private final Rates<Contender> rates = new Rates<>();

	@Test
	void comparesWithinTheRounds() {
		// The machine was slow in the second round, for both.
		add(Contender.CONCORD_REDIS, 1000, 10, 1200);
		add(Contender.SET_NX, 2000, 20, 2400);
		assertThat(this.rates.ratio(Contender.CONCORD_REDIS, Contender.SET_NX)).isEqualTo(0.5);
	}

	@Test
	void theBestHasTheLargestMedian() {
		add(Contender.REDISSON, 10, 10, 900);
		add(Contender.LOCK4J, 11, 12, 13);
		assertThat(this.rates.best(List.of(Contender.REDISSON, Contender.LOCK4J))).isEqualTo(Contender.LOCK4J);
	}

	@Test
	void writesThreeDigits() {
		add(Contender.REDISSON, 12_345.6, 12_345.6);
		assertThat(this.rates.cell(Contender.REDISSON)).isEqualTo("12,300 ± 0 %");
		assertThat(Rates.rounded(0)).isZero();
		assertThat(Rates.rounded(1.2345)).isEqualTo(1.23);
	}

	private void add(Contender contender, double... values) {
		for (double value : values) {
			this.rates.add(contender, value);
		}
	}

}
