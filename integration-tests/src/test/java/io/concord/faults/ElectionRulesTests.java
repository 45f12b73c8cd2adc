package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.concord.test.faults.FaultRun;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Operation.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That each rule finds what it is for.
 */
class ElectionRulesTests {

	private static final long SECOND = 1_000_000_000;

	private static final String KEY = "reports";

	private final List<Operation> history = new ArrayList<>(List.of(at(1, ElectionWorkload.PROBE, 90, 91, 0)));

	/** On the key of all. */
	private static Operation at(int worker, String op, double from, double to, long token) {
		return new Operation(worker * Operation.THREADS, op, KEY, (long) (from * SECOND), (long) (to * SECOND),
				Outcome.OK, token, 0);
	}

	/** The end of which nobody has written. */
	private static Operation killed(int worker, double from, long term) {
		return new Operation(worker * Operation.THREADS, ElectionWorkload.LEAD, KEY, (long) (from * SECOND),
				Operation.NEVER, Outcome.INFO, term, 0);
	}

	private static Operation kill(int worker, double when) {
		return at(0, FaultRun.KILL, when, when, worker);
	}

	private ElectionRules judge(Operation... operations) {
		this.history.addAll(List.of(operations));
		return new ElectionRules(History.of(this.history), Duration.ofSeconds(2), Duration.ofSeconds(3),
				Rules.Excuses.NONE);
	}

	private List<String> findings(Operation... operations) {
		return judge(operations).findings().stream().map(Finding::rule).toList();
	}

	@Test
	void leadersOneAfterTheOtherAreFine() {
		ElectionRules rules = judge(at(1, ElectionWorkload.LEAD, 1, 2, 10), killed(2, 3, 20), kill(2, 4),
				at(1, ElectionWorkload.LEAD, 6, 7, 30));
		assertThat(rules.findings()).isEmpty();
		assertThat(rules.cells()).containsEntry("terms", "3")
			.containsEntry("time without leader: times, p50, p99", "2, 1000 ms, 2000 ms")
			.containsEntry("another leads after a kill, p99 (bound)", "1, 2000 ms (3000 ms)");
	}

	@Test
	void leaderThatIsConfirmedGoesOnWithItsTerm() {
		assertThat(findings(at(1, ElectionWorkload.LEAD, 1, 2, 10), at(1, ElectionWorkload.LEAD, 3, 4, 10))).isEmpty();
	}

	@Test
	void findsTwoLeadersInATerm() {
		assertThat(findings(at(1, ElectionWorkload.LEAD, 1, 2, 10), at(2, ElectionWorkload.LEAD, 3, 4, 10)))
			.contains("a token was given out twice");
	}

	@Test
	void findsTheTermOfOneThatWasKilledAgain() {
		assertThat(findings(killed(1, 1, 10), kill(1, 2), at(2, ElectionWorkload.LEAD, 4, 5, 10)))
			.contains("a token was given out twice");
	}

	@Test
	void findsTermsOutOfOrder() {
		assertThat(findings(at(1, ElectionWorkload.LEAD, 1, 2, 10), at(2, ElectionWorkload.LEAD, 3, 4, 9)))
			.containsExactly("a token is not larger than one before it");
	}

	@Test
	void findsTwoLeadersAtATime() {
		assertThat(findings(at(1, ElectionWorkload.LEAD, 1, 4, 10), at(2, ElectionWorkload.LEAD, 3, 5, 20)))
			.containsExactly("two held it at the same time");
	}

	@Test
	void findsWritesOfOldLeaders() {
		assertThat(findings(at(2, ElectionWorkload.ANNOUNCE, 1, 2, 20), at(1, ElectionWorkload.COMMIT, 3, 4, 10)))
			.containsExactly("a write came after one, or an announcement, with a larger token");
	}

	@Test
	void findsThatNobodyLeadsInTimeAfterAKill() {
		assertThat(findings(killed(1, 1, 10), kill(1, 2), at(2, ElectionWorkload.LEAD, 6, 7, 20))).singleElement()
			.asString()
			.startsWith("no other led after the leader had died: took 4000 ms");
	}

	@Test
	void findsThatNobodyHasLookedForLeaders() {
		this.history.clear();
		assertThat(findings(at(1, ElectionWorkload.LEAD, 1, 2, 10)))
			.containsExactly("nobody has looked for elections without a leader at the end");
	}

}
