package io.concord.faults;

import java.util.ArrayList;
import java.util.List;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Operation.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That each rule finds what it is for.
 */
class RateRulesTests {

	private static final long SECOND = 1_000_000_000;

	private static final String FAILOVER = "fail-over";

	private static final String JUMPS = "clock jumps";

	private final List<Operation> history = new ArrayList<>();

	RateRulesTests() {
		RateWorkload.LIMITS.forEach((limit) -> take(limit.rule().name(), 1, 20));
		this.history.add(at(RateWorkload.HOLD, "permits", 1, 2, Outcome.OK));
		this.history.add(at(RateWorkload.PROBE, "permits", 50, 51, Outcome.OK));
	}

	private static Operation at(String op, String key, double from, double to, Outcome outcome) {
		return new Operation(Operation.THREADS, op, key, (long) (from * SECOND), (long) (to * SECOND), outcome, 1, 0);
	}

	private void take(String rule, double from, int count) {
		for (int i = 0; i < count; i++) {
			this.history.add(at(RateWorkload.TAKE, rule, from + i / 1000.0, from + i / 1000.0, Outcome.OK));
		}
	}

	private List<String> findings() {
		return new RateRules(History.of(this.history), Duration.ofSeconds(2),
				new Rules.Excuses(List.of(FAILOVER), List.of(JUMPS)))
			.findings()
			.stream()
			.map(Finding::rule)
			.toList();
	}

	@Test
	void limitsThatAreKeptAreFine() {
		take("sliding", 10, 40);
		take("bucket", 10, 50);
		assertThat(findings()).isEmpty();
	}

	@Test
	void findsOneTooMany() {
		take("sliding", 10, 41);
		take("ahead", 10, 47);
		assertThat(findings()).containsExactly("41 were let through in a window of 1000 ms instead of 40",
				"47 were let through in a window of 1000 ms instead of 46");
	}

	@Test
	void lossLetsOneMoreBucketPass() {
		this.history.add(at(History.FAULT, FAILOVER, 9.5, 10.5, Outcome.OK));
		take("bucket", 10, 60);
		assertThat(findings()).isEmpty();
		take("bucket", 10.1, 1);
		assertThat(findings()).containsExactly("61 were let through in a window of 1000 ms instead of 60");
	}

	@Test
	void clockThatJumpsAndComesHomeLetsTwoMorePass() {
		this.history.add(at(History.FAULT, JUMPS, 9.5, 10.5, Outcome.OK));
		take("bucket", 10, 70);
		take("sliding", 15, 41);
		assertThat(findings()).containsExactly("41 were let through in a window of 1000 ms instead of 40");
	}

	@Test
	void findsMorePermitsThanThereAre() {
		for (int i = 0; i <= RateWorkload.PERMITS; i++) {
			this.history.add(at(RateWorkload.HOLD, "permits", 10 + i, 20, Outcome.OK));
		}
		assertThat(findings()).containsExactly("more than 3 held it at the same time");
	}

	@Test
	void findsPermitsThatDontComeBack() {
		this.history.add(at(RateWorkload.PROBE, "permits", 52, 53, Outcome.FAIL));
		assertThat(findings()).containsExactly("a permit has not come back");
	}

	@Test
	void findsThatNothingWasTried() {
		this.history.removeIf((operation) -> operation.key().equals("leaky") || operation.op().equals("hold"));
		assertThat(findings()).containsExactly("leaky (leaky-bucket [40/s]) has never let through half of what it may",
				"nobody has got a permit");
	}

}
