package io.concord.test.faults;

import org.junit.jupiter.api.Test;

import static io.concord.test.faults.Histories.history;
import static io.concord.test.faults.Histories.info;
import static io.concord.test.faults.Histories.ok;
import static org.assertj.core.api.Assertions.assertThat;

class IntervalsTests {

	@Test
	void acceptsOneAfterTheOther() {
		assertThat(Intervals.overlaps(history(ok(1, "hold", 1, 0, 10), ok(2, "hold", 2, 10, 20)))).isEmpty();
	}

	@Test
	void findsTwoAtTheSameTime() {
		assertThat(Intervals.overlaps(history(ok(1, "hold", 1, 0, 10), ok(2, "hold", 2, 9, 20)))).hasSize(1);
	}

	@Test
	void findsAllThatBeginDuringALongOne() {
		assertThat(Intervals
			.overlaps(history(ok(1, "hold", 1, 0, 100), ok(2, "hold", 2, 10, 20), ok(3, "hold", 3, 30, 40))))
			.hasSize(2);
	}

	@Test
	void takesWhatHasNoEndForAMoment() {
		assertThat(Intervals.overlaps(history(info(1, "hold", 1, 5), ok(2, "hold", 2, 6, 20)))).isEmpty();
		assertThat(Intervals.overlaps(history(ok(2, "hold", 2, 0, 20), info(1, "hold", 1, 5)))).hasSize(1);
	}

	@Test
	void letsAsManyHoldItAsMay() {
		assertThat(Intervals
			.overlaps(history(ok(1, "hold", 1, 0, 100), ok(2, "hold", 2, 10, 20), ok(3, "hold", 3, 30, 40)), 2))
			.isEmpty();
		assertThat(Intervals
			.overlaps(history(ok(1, "hold", 1, 0, 100), ok(2, "hold", 2, 10, 31), ok(3, "hold", 3, 30, 40)), 2))
			.singleElement()
			.satisfies((finding) -> assertThat(finding.evidence()).hasSize(3));
	}

}
