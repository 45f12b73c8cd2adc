package io.concord.test.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static io.concord.test.faults.Histories.fail;
import static io.concord.test.faults.Histories.history;
import static io.concord.test.faults.Histories.info;
import static io.concord.test.faults.Histories.ok;
import static org.assertj.core.api.Assertions.assertThat;

class LinearizabilityTests {

	private static final Duration BUDGET = Duration.ofSeconds(30);

	@Test
	void acceptsOneAfterTheOther() {
		assertThat(check(ok(1, "read", 0, 0, 1), ok(1, "write", 5, 2, 3), ok(2, "read", 5, 4, 5),
				ok(2, "write", 6, 6, 7), ok(1, "read", 6, 8, 9)))
			.isEmpty();
	}

	@Test
	void acceptsEitherValueDuringAWrite() {
		assertThat(check(ok(1, "write", 5, 0, 10), ok(2, "read", 0, 1, 2), ok(2, "read", 5, 3, 4))).isEmpty();
	}

	@Test
	void refusesAValueThatIsGone() {
		assertThat(check(ok(1, "write", 5, 0, 1), ok(1, "write", 6, 2, 3), ok(2, "read", 5, 4, 5))).hasSize(1);
	}

	@Test
	void refusesToGoBackDuringAWrite() {
		assertThat(check(ok(1, "write", 5, 0, 10), ok(2, "read", 5, 1, 2), ok(2, "read", 0, 3, 4))).hasSize(1);
	}

	@Test
	void refusesAnUpdateThatIsLost() {
		assertThat(check(ok(1, "write", 5, 0, 1), ok(2, "read", 0, 2, 3))).hasSize(1);
	}

	/** No order of the two writes explains both readers. */
	@Test
	void refusesReadersThatDisagreeAboutTheOrderOfWrites() {
		assertThat(check(ok(1, "write", 5, 0, 10), ok(2, "write", 6, 0, 10), ok(3, "read", 5, 11, 12),
				ok(4, "read", 6, 13, 14)))
			.hasSize(1);
	}

	@Test
	void takesAnUnknownWriteForDoneOrNotDone() {
		assertThat(check(info(1, "write", 5, 0), ok(2, "read", 0, 1, 2), ok(2, "read", 5, 50, 51))).isEmpty();
		assertThat(check(info(1, "write", 5, 0), ok(2, "read", 0, 50, 51))).isEmpty();
		assertThat(check(info(1, "write", 5, 0), ok(2, "read", 5, 1, 2), ok(2, "read", 0, 3, 4))).hasSize(1);
	}

	@Test
	void takesAFailedWriteForNotDone() {
		assertThat(check(fail(1, "write", 5, 0, 1), ok(2, "read", 0, 2, 3))).isEmpty();
		assertThat(check(fail(1, "write", 5, 0, 1), ok(2, "read", 5, 2, 3))).hasSize(1);
	}

	@Test
	void checksEveryKeyByItself() {
		Operation write = new Operation(1, "write", "other", 0, 1, Operation.Outcome.OK, 5, 1);
		assertThat(check(write, ok(2, "read", 0, 2, 3))).isEmpty();
	}

	@Test
	void checksLongHistories() {
		List<Operation> operations = new ArrayList<>();
		for (int i = 1; i <= 50_000; i++) {
			operations.add(ok(1, "write", i, 10L * i, 10L * i + 5));
			operations.add(ok(2, "read", i - 1, 10L * i, 10L * i + 9));
			operations.add(ok(3, "read", i, 10L * i + 1, 10L * i + 9));
		}
		assertThat(Linearizability.ofRegisters(operations, "read", "write", BUDGET)).isEmpty();
		operations.add(ok(3, "read", 49_999, 1_000_000, 1_000_001));
		assertThat(Linearizability.ofRegisters(operations, "read", "write", BUDGET)).hasSize(1);
	}

	@Test
	void runningOutOfTimeIsAFinding() {
		List<Operation> operations = new ArrayList<>();
		for (int i = 1; i <= 25; i++) {
			operations.add(ok(i, "write", i, 0, 100));
		}
		operations.add(ok(26, "read", 99, 0, 100));
		AtomicLong time = new AtomicLong();
		Linearizability.Model<Long> anything = new Linearizability.Model<>() {

			@Override
			public Long initial() {
				return 0L;
			}

			@Override
			public @Nullable Long step(Long state, Operation operation) {
				return operation.op().equals("read") ? null : Long.valueOf(operation.token());
			}

		};
		assertThat(Linearizability.check(operations, anything, Duration.ofNanos(10), time::getAndIncrement))
			.singleElement()
			.satisfies((finding) -> assertThat(finding.rule()).contains("was not known within"));
	}

	private static List<Finding> check(Operation... operations) {
		return Linearizability.ofRegisters(history(operations), "read", "write", BUDGET);
	}

}
