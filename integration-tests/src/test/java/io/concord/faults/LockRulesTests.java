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
 * That each rule finds what it is for, and that a fault excuses no more than it may.
 */
class LockRulesTests {

	private static final long SECOND = 1_000_000_000;

	private static final String KEY = "stock";

	private static final String LOSS = "all data lost";

	private static final String JUMP = "clock jumps";

	private final List<Operation> history = new ArrayList<>(List.of(ok(1, LockWorkload.PROBE, 90, 91, 1_000)));

	private static Operation operation(int worker, String op, double from, double to, Outcome outcome, long token) {
		return new Operation(worker * Operation.THREADS, op, KEY, (long) (from * SECOND), (long) (to * SECOND), outcome,
				token, 0);
	}

	private static Operation ok(int worker, String op, double from, double to, long token) {
		return operation(worker, op, from, to, Outcome.OK, token);
	}

	private static Operation fault(String name, double from, double to) {
		return new Operation(0, History.FAULT, name, (long) (from * SECOND), (long) (to * SECOND), Outcome.OK, 0, 0);
	}

	/** The end of which nobody has written. */
	private static Operation unended(int worker, String op, double from, long token) {
		return new Operation(worker * Operation.THREADS, op, KEY, (long) (from * SECOND), Operation.NEVER, Outcome.INFO,
				token, 0);
	}

	private static Operation killedHolder(int worker, double from, long token) {
		return unended(worker, LockWorkload.HOLD, from, token);
	}

	private LockRules judge(Operation... operations) {
		this.history.addAll(List.of(operations));
		return new LockRules(History.of(this.history), Duration.ofMillis(500), Duration.ofSeconds(2),
				Duration.ofSeconds(3), new Rules.Excuses(List.of(LOSS), List.of(JUMP)));
	}

	private List<String> findings(Operation... operations) {
		return judge(operations).findings().stream().map(Finding::rule).toList();
	}

	@Test
	void holdersOneAfterTheOtherAreFine() {
		LockRules rules = judge(ok(1, LockWorkload.ACQUIRE, 1, 2, 10), ok(1, LockWorkload.HOLD, 2, 3, 10),
				ok(1, LockWorkload.ANNOUNCE, 2, 2.1, 10), ok(1, LockWorkload.COMMIT, 2.2, 2.3, 10),
				ok(2, LockWorkload.READ, 2.5, 2.6, 10), ok(1, LockWorkload.RELEASE, 3, 3.1, 10),
				ok(2, LockWorkload.TRY, 4, 4.1, 20), killedHolder(2, 4.1, 20), ok(0, FaultRun.KILL, 5, 5, 2),
				ok(1, LockWorkload.ACQUIRE, 5.5, 7, 30), ok(1, LockWorkload.LOST, 8, 8.5, 30));
		assertThat(rules.findings()).isEmpty();
		assertThat(rules.cells()).containsEntry("grants", "4")
			.containsEntry("guarded commits: done, refused", "1, 0")
			.containsEntry("losses, told within", "1, 500 ms")
			.containsEntry("recoveries from dead holders, p99 (bound); with the store out of reach",
					"1, 1500 ms (3000 ms); 0");
	}

	@Test
	void findsATokenGivenOutTwice() {
		assertThat(findings(ok(1, LockWorkload.ACQUIRE, 1, 2, 10), ok(2, LockWorkload.TRY, 3, 4, 10)))
			.contains("a token was given out twice");
	}

	@Test
	void findsTokensOutOfOrder() {
		assertThat(findings(ok(1, LockWorkload.ASYNC, 1, 2, 10), ok(2, LockWorkload.ACQUIRE, 3, 4, 9)))
			.containsExactly("a token is not larger than one before it");
	}

	@Test
	void findsTwoHoldersAtATime() {
		assertThat(findings(ok(1, LockWorkload.HOLD, 1, 4, 10), ok(2, LockWorkload.HOLD, 3, 5, 20)))
			.containsExactly("two held it at the same time");
	}

	@Test
	void findsStaleCommits() {
		assertThat(findings(ok(2, LockWorkload.ANNOUNCE, 1, 2, 20), ok(1, LockWorkload.COMMIT, 3, 4, 10)))
			.containsExactly("a write came after one, or an announcement, with a larger token");
	}

	@Test
	void findsReadsOfWhatWasOverwritten() {
		assertThat(findings(ok(1, LockWorkload.COMMIT, 1, 2, 10), ok(2, LockWorkload.COMMIT, 3, 4, 20),
				ok(1, LockWorkload.READ, 5, 6, 10)))
			.hasSize(1);
	}

	@Test
	void findsNamesThatAreStuckAndThatNobodyHasLooked() {
		assertThat(findings(operation(1, LockWorkload.PROBE, 92, 93, Outcome.FAIL, 0)))
			.containsExactly("a name is stuck");
		this.history.clear();
		assertThat(findings(ok(1, LockWorkload.ACQUIRE, 1, 2, 10)))
			.containsExactly("nobody has looked for stuck names");
	}

	@Test
	void findsCallsThatWereBlocked() {
		// Whoever waits has the time to wait, one time-out and a second.
		assertThat(findings(operation(1, LockWorkload.ACQUIRE, 1, 5.4, Outcome.FAIL, 0),
				operation(1, LockWorkload.TRY, 6, 7.4, Outcome.FAIL, 0)))
			.isEmpty();
		assertThat(findings(operation(1, LockWorkload.ACQUIRE, 10, 14.6, Outcome.FAIL, 0))).singleElement()
			.asString()
			.startsWith("a call was blocked: took 4600 ms");
		assertThat(findings(ok(1, LockWorkload.RELEASE, 20, 21.6, 0))).hasSize(2);
	}

	@Test
	void findsLossesThatWereToldLateOrNever() {
		assertThat(findings(ok(1, LockWorkload.LOST, 1, 2.1, 10))).singleElement()
			.asString()
			.startsWith("a loss was told late: took 1100 ms");
		assertThat(findings(operation(1, LockWorkload.LOST, 3, 4, Outcome.INFO, 20))).contains("a loss was never told");
	}

	@Test
	void findsLocksOfTheDeadThatStayTaken() {
		assertThat(findings(killedHolder(2, 1, 10), ok(0, FaultRun.KILL, 2, 2, 2),
				ok(1, LockWorkload.ACQUIRE, 2.5, 6, 20)))
			.singleElement()
			.asString()
			.startsWith("a lock of a dead holder stayed taken: took 3500 ms");
	}

	/** Nobody has seen it taken after three seconds, and nobody has asked. */
	@Test
	void timeInWhichNobodyWantsTheLockOfTheDeadIsNotCounted() {
		assertThat(findings(killedHolder(2, 1, 10), ok(0, FaultRun.KILL, 2, 2, 2),
				operation(1, LockWorkload.TRY, 3, 3.1, Outcome.FAIL, 0), ok(1, LockWorkload.TRY, 9, 9.1, 20)))
			.isEmpty();
		assertThat(findings(operation(1, LockWorkload.TRY, 6.1, 6.2, Outcome.FAIL, 0))).singleElement()
			.asString()
			.startsWith("a lock of a dead holder stayed taken: took 3300 ms");
	}

	@Test
	void theDeadWantNoLocks() {
		assertThat(findings(unended(3, LockWorkload.ACQUIRE, 1, 0), ok(0, FaultRun.KILL, 1.5, 1.5, 3),
				killedHolder(2, 1.8, 10), ok(0, FaultRun.KILL, 2, 2, 2), ok(1, LockWorkload.TRY, 9, 9.1, 20)))
			.isEmpty();
	}

	@Test
	void countsLocksOfTheDeadWhileTheStoreWasOutOfReach() {
		assertThat(judge(killedHolder(2, 1, 10), ok(0, FaultRun.KILL, 2, 2, 2),
				operation(1, LockWorkload.TRY, 2.5, 3.5, Outcome.INFO, 0), ok(1, LockWorkload.ACQUIRE, 4, 6, 20))
			.cells()).containsEntry("recoveries from dead holders, p99 (bound); with the store out of reach",
					"0, 0 ms (3000 ms); 1");
	}

	@Test
	void findsThatNobodyGotALock() {
		this.history.clear();
		assertThat(findings(operation(1, LockWorkload.PROBE, 90, 91, Outcome.FAIL, 0)))
			.contains("nobody has got any lock");
	}

	@Test
	void lossExcusesTokensAndHoldersWhileItsConsequencesLast() {
		LockRules rules = judge(fault(LOSS, 2, 3), ok(1, LockWorkload.ACQUIRE, 1, 1.5, 10),
				ok(2, LockWorkload.ACQUIRE, 4, 4.5, 10), ok(1, LockWorkload.HOLD, 1.5, 4.9, 10),
				ok(2, LockWorkload.HOLD, 4.5, 4.9, 10));
		assertThat(rules.findings()).isEmpty();
		assertThat(rules.cells()).containsEntry("tokens given out twice", "0, and 1 after 'all data lost'")
			.containsEntry("two holders at a time", "0, and 1 after 'all data lost'");
	}

	@Test
	void lossExcusesNothingAfterItsConsequences() {
		assertThat(
				findings(fault(LOSS, 2, 3), ok(1, LockWorkload.HOLD, 4, 8, 10), ok(2, LockWorkload.HOLD, 5.1, 7, 20)))
			.containsExactly("two held it at the same time");
	}

	@Test
	void jumpOfTheStoresClockExcusesHoldersAndNoTokens() {
		assertThat(findings(fault(JUMP, 2, 3), ok(1, LockWorkload.HOLD, 1, 4, 10), ok(2, LockWorkload.HOLD, 3, 4, 20)))
			.isEmpty();
		assertThat(findings(ok(1, LockWorkload.ACQUIRE, 1, 1.5, 10), ok(2, LockWorkload.ACQUIRE, 3, 3.5, 10)))
			.contains("a token was given out twice");
	}

	@Test
	void nothingExcusesStaleCommits() {
		assertThat(findings(fault(LOSS, 2, 5), fault(JUMP, 2, 5), ok(2, LockWorkload.ANNOUNCE, 2, 3, 20),
				ok(1, LockWorkload.COMMIT, 3.5, 4, 10)))
			.containsExactly("a write came after one, or an announcement, with a larger token");
	}

}
