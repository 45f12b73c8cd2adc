package io.concord.test.faults;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class UniqueIdsTests {

	private final UniqueIds ids = new UniqueIds();

	@Test
	void acceptsIdsThatDiffer() {
		for (long id : new long[] { 0, 1, -1, 63, 64, 4095, 4096, Long.MAX_VALUE, Long.MIN_VALUE }) {
			assertThat(this.ids.add(id)).isTrue();
		}
		assertThat(this.ids.repeats()).isZero();
		assertThat(this.ids).hasToString("9 ids, all different");
	}

	@Test
	void findsIdsThatCameBefore() {
		for (long id : new long[] { 7, -7, 1L << 40 }) {
			assertThat(this.ids.add(id)).isTrue();
			assertThat(this.ids.add(id)).isFalse();
		}
		assertThat(this.ids.repeats()).isEqualTo(3);
		assertThat(this.ids).hasToString("6 ids, 3 of them not for the first time, such as 7");
	}

	@Test
	void countsTheRepeatsOfManyRanges() {
		assertThat(this.ids.addRange(1_000, 5_000_000)).isZero();
		assertThat(this.ids.addRange(5_001_000, 5_000_000)).isZero();
		assertThat(this.ids.addRange(10_000_990, 20)).isEqualTo(10);
		assertThat(this.ids.count()).isEqualTo(10_000_020);
	}

}
