package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.concord.test.faults.FaultRun;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Intervals;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Stalls;
import io.concord.test.faults.Times;
import io.concord.test.faults.Tokens;

/**
 * What histories of elections have to obey, on stores that keep what they have
 * acknowledged: at most one leader at a time and in a term, terms in order, no write of a
 * leader after a later one has announced, another leader in time.
 */
final class ElectionRules {

	/** How long there was none is no promise, and so is never too long. */
	private static final Duration NO_BOUND = Duration.ofDays(1);

	private final History history;

	private final Stalls stalls;

	private final Duration recoveryBound;

	private final List<Operation> leads;

	private final List<Finding> findings = new ArrayList<>();

	private final Map<String, String> cells = new LinkedHashMap<>();

	ElectionRules(History history, Duration recoveryBound) {
		this.history = history;
		this.stalls = history.stalls();
		this.recoveryBound = recoveryBound;
		this.leads = joined(history.where((operation) -> operation.op().equals(ElectionWorkload.LEAD)
				&& operation.outcome() != Operation.Outcome.FAIL));
		this.cells.put("terms", Integer.toString(this.leads.size()));
		this.cells.put("faults", Integer.toString(history.of(History.FAULT).size()));
		refused("two leaders in a term", each(this.leads, Tokens::repeats));
		refused("terms out of order", each(this.leads, Tokens::regressions));
		refused("two leaders at a time", each(this.leads, Intervals::overlaps));
		checkRegister();
		checkStuck();
		checkTimes();
	}

	/**
	 * A leader that was suspect for a moment, and was confirmed, goes on with its term.
	 */
	private static List<Operation> joined(List<Operation> leads) {
		Map<String, Operation> joined = new LinkedHashMap<>();
		leads.forEach((lead) -> joined.merge(lead.process() + " " + lead.key() + " " + lead.token(), lead,
				(first, second) -> new Operation(first.process(), first.op(), first.key(),
						Math.min(first.invokeNs(), second.invokeNs()), Math.max(first.returnNs(), second.returnNs()),
						first.isOk() ? second.outcome() : first.outcome(), first.token(), first.seed())));
		return List.copyOf(joined.values());
	}

	/** What must not be. */
	List<Finding> findings() {
		return this.findings;
	}

	/** What was counted, for the table. */
	Map<String, String> cells() {
		return this.cells;
	}

	private void checkRegister() {
		Map<String, List<Operation>> announcements = History.byKey(this.history.of(ElectionWorkload.ANNOUNCE));
		List<Operation> commits = this.history.of(ElectionWorkload.COMMIT);
		refused("guarded writes of old leaders", each(commits,
				(ofKey) -> Tokens.staleWrites(announcements.getOrDefault(ofKey.get(0).key(), List.of()), ofKey)));
		this.cells.put("guarded writes: done, refused", commits.stream().filter(Operation::isOk).count() + ", "
				+ commits.stream().filter((commit) -> commit.outcome() == Operation.Outcome.FAIL).count());
	}

	private void checkStuck() {
		List<Operation> probes = this.history.of(ElectionWorkload.PROBE);
		refused("elections without a leader at the end",
				probes.stream()
					.filter((probe) -> !probe.isOk())
					.map((probe) -> new Finding("nobody leads, or a node doesn't see who", List.of(probe)))
					.toList());
		if (probes.isEmpty()) {
			this.findings.add(new Finding("nobody has looked for leaders", List.of()));
		}
	}

	private void checkTimes() {
		Times without = new Times("there was no leader", this.stalls);
		Times recovery = new Times("no other led after the leader had died", this.stalls);
		for (List<Operation> ofKey : History.byKey(this.leads).values()) {
			gaps(ofKey, without);
			for (Operation kill : this.history.of(FaultRun.KILL)) {
				recoveries(kill, ofKey, recovery);
			}
		}
		this.cells.put("time without leader: times, p50, p99",
				without.count() + ", " + millis(without.percentile(0.5)) + ", " + millis(without.percentile(0.99)));
		this.findings.addAll(recovery.findings());
		this.cells.put("another leads after a kill, p99 (bound)",
				recovery.count() + ", " + millis(recovery.percentile(0.99)) + " (" + millis(this.recoveryBound) + ")");
	}

	private static void gaps(List<Operation> ofKey, Times without) {
		Operation last = null;
		for (Operation lead : ofKey.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList()) {
			if (last != null && last.returnNs() != Operation.NEVER) {
				without.add(lead.worker(), last.returnNs(), lead.invokeNs(), NO_BOUND, last, lead);
			}
			last = lead;
		}
	}

	private void recoveries(Operation kill, List<Operation> ofKey, Times recovery) {
		boolean led = ofKey.stream()
			.anyMatch((lead) -> lead.worker() == kill.token() && lead.returnNs() == Operation.NEVER);
		if (led) {
			ofKey.stream()
				.filter((lead) -> lead.worker() != kill.token() && lead.invokeNs() > kill.invokeNs())
				.min(Comparator.comparingLong(Operation::invokeNs))
				.ifPresent((next) -> recovery.add(next.worker(), kill.invokeNs(), next.invokeNs(), this.recoveryBound,
						kill, next));
		}
	}

	private static List<Finding> each(List<Operation> operations, Function<List<Operation>, List<Finding>> check) {
		return History.byKey(operations).values().stream().flatMap((ofKey) -> check.apply(ofKey).stream()).toList();
	}

	private void refused(String what, List<Finding> found) {
		this.cells.put(what, Integer.toString(found.size()));
		this.findings.addAll(found);
	}

	private static String millis(Duration duration) {
		return duration.toMillis() + " ms";
	}

}
