package io.concord.test.faults;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static io.concord.test.faults.Histories.fail;
import static io.concord.test.faults.Histories.history;
import static io.concord.test.faults.Histories.info;
import static io.concord.test.faults.Histories.ok;
import static org.assertj.core.api.Assertions.assertThat;

class SlidingWindowTests {

	private static final Duration WINDOW = Duration.ofNanos(100);

	@Test
	void findsTheFullestWindowWhereverItBegins() {
		assertThat(maximum(history(ok(1, "take", 1, 0, 1), ok(1, "take", 1, 90, 91), ok(1, "take", 1, 95, 96),
				ok(1, "take", 1, 110, 111), ok(1, "take", 1, 300, 301))))
			.isEqualTo(3);
	}

	@Test
	void leavesOutWhatMayLieOutside() {
		assertThat(maximum(history(ok(1, "take", 1, 0, 1), ok(1, "take", 1, 50, 150), ok(1, "take", 1, 98, 99))))
			.isEqualTo(2);
		assertThat(maximum(history(ok(1, "take", 1, 0, 500), ok(1, "take", 1, 10, 11)))).isEqualTo(1);
	}

	@Test
	void theEndOfAWindowDoesNotBelongToIt() {
		assertThat(maximum(history(ok(1, "take", 1, 0, 0), ok(1, "take", 1, 100, 100)))).isEqualTo(1);
		assertThat(maximum(history(ok(1, "take", 1, 0, 0), ok(1, "take", 1, 99, 99)))).isEqualTo(2);
	}

	@Test
	void addsUpWhatWasTakenAtOnce() {
		assertThat(maximum(history(ok(1, "take", 3, 0, 1), ok(2, "take", 4, 0, 1), fail(3, "take", 9, 0, 1),
				info(3, "take", 9, 0))))
			.isEqualTo(7);
		assertThat(maximum(history())).isZero();
	}

	@Test
	void findsTheWindowThatHasTheMostTooMuch() {
		List<Operation> operations = history(ok(1, "take", 3, 0, 1), ok(1, "take", 5, 200, 201),
				ok(1, "take", 4, 400, 401));
		assertThat(SlidingWindow.exceeding(operations, WINDOW, (begin) -> 5)).isEmpty();
		assertThat(SlidingWindow.exceeding(operations, WINDOW, (begin) -> (begin == 200) ? 4 : 2)).singleElement()
			.satisfies((finding) -> assertThat(finding.evidence()).containsExactly(operations.get(2)));
	}

	private static long maximum(List<Operation> operations) {
		return SlidingWindow.maximum(operations, WINDOW);
	}

}
