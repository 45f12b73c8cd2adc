package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.concord.test.faults.FaultRun;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Intervals;
import io.concord.test.faults.Linearizability;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Stalls;
import io.concord.test.faults.Times;
import io.concord.test.faults.Tokens;

/**
 * What histories of locks have to obey. Some faults excuse that two held a lock at a time
 * or a token came twice, which is then counted beside them; nothing excuses a write of a
 * holder that was not the newest.
 */
public final class LockRules {

	private static final Duration CHECK_BUDGET = Duration.ofSeconds(60);

	private static final Duration TOLD_WITHIN = Duration.ofSeconds(1);

	private static final Duration CALL_MARGIN = Duration.ofSeconds(1);

	private final History history;

	private final Stalls stalls;

	private final Duration storeTimeout;

	/** How long after the death of its holder a lock may be taken. */
	private final Duration recoveryBound;

	private final List<Operation> grants;

	/** When what the store had acknowledged was lost, and until no lease of before. */
	private final List<Operation> losses;

	private final List<Finding> findings = new ArrayList<>();

	private int outOfReach;

	private final Map<String, String> cells = new LinkedHashMap<>();

	/**
	 * Checks a history.
	 * @param lossy the faults that lose what the store has acknowledged
	 * @param leaseTime how long after such a loss a lease of before may seem to be held
	 */
	public LockRules(History history, Duration storeTimeout, Duration leaseTime, Duration recoveryBound,
			List<String> lossy) {
		this.history = history;
		this.stalls = history.stalls();
		this.storeTimeout = storeTimeout;
		this.recoveryBound = recoveryBound;
		this.grants = history.of(LockWorkload.ACQUIRE, LockWorkload.ASYNC, LockWorkload.TRY, LockWorkload.PROBE);
		this.losses = history
			.where((operation) -> operation.op().equals(History.FAULT)
					&& lossy.stream().anyMatch(operation.key()::contains))
			.stream()
			.map((fault) -> new Operation(fault.process(), fault.op(), fault.key(), fault.invokeNs(),
					fault.returnNs() + leaseTime.toNanos(), fault.outcome(), 0, fault.seed()))
			.toList();
		count();
		checkTokens();
		checkHolders();
		checkRegister();
		checkStuck();
		checkTimes();
	}

	/** What must not be. */
	public List<Finding> findings() {
		return this.findings;
	}

	/** What was counted, for the table. */
	public Map<String, String> cells() {
		return this.cells;
	}

	private void count() {
		Map<Operation.Outcome, Long> outcomes = this.history.operations()
			.stream()
			.filter((operation) -> operation.worker() != 0 && !operation.op().equals(History.STALL))
			.collect(Collectors.groupingBy(Operation::outcome, Collectors.counting()));
		this.cells.put("operations: done, not done, unknown",
				outcomes.getOrDefault(Operation.Outcome.OK, 0L) + ", "
						+ outcomes.getOrDefault(Operation.Outcome.FAIL, 0L) + ", "
						+ outcomes.getOrDefault(Operation.Outcome.INFO, 0L));
		this.cells.put("grants", Long.toString(this.grants.stream().filter(Operation::isOk).count()));
		this.cells.put("faults", Integer.toString(this.history.of(History.FAULT).size()));
	}

	private void checkTokens() {
		excusable("tokens given out twice", each(this.grants, Tokens::repeats));
		excusable("tokens out of order", each(this.grants, Tokens::regressions));
	}

	private void checkHolders() {
		// Of one that was killed nobody has seen until when it held.
		List<Operation> held = this.history
			.where((operation) -> operation.op().equals(LockWorkload.HOLD) && operation.isOk());
		excusable("two holders at a time", each(held, Intervals::overlaps));
	}

	private void checkRegister() {
		Map<String, List<Operation>> announcements = History.byKey(this.history.of(LockWorkload.ANNOUNCE));
		List<Finding> stale = each(this.history.of(LockWorkload.COMMIT),
				(commits) -> Tokens.staleWrites(announcements.getOrDefault(commits.get(0).key(), List.of()), commits));
		refused("stale guarded commits", stale);
		List<Operation> commits = this.history.of(LockWorkload.COMMIT);
		this.cells.put("guarded commits: done, refused", commits.stream().filter(Operation::isOk).count() + ", "
				+ commits.stream().filter((commit) -> commit.outcome() == Operation.Outcome.FAIL).count());
		refused("registers not linearizable",
				Linearizability.ofRegisters(this.history.of(LockWorkload.READ, LockWorkload.COMMIT), LockWorkload.READ,
						LockWorkload.COMMIT, CHECK_BUDGET));
	}

	private void checkStuck() {
		List<Operation> probes = this.history.of(LockWorkload.PROBE);
		List<Finding> stuck = probes.stream()
			.filter((probe) -> !probe.isOk())
			.map((probe) -> new Finding("a name is stuck", List.of(probe)))
			.toList();
		refused("stuck names", stuck);
		if (probes.isEmpty()) {
			this.findings.add(new Finding("nobody has looked for stuck names", List.of()));
		}
	}

	private void checkTimes() {
		Times calls = new Times("a call was blocked", this.stalls);
		for (Operation call : this.history.of(LockWorkload.ACQUIRE, LockWorkload.ASYNC, LockWorkload.TRY,
				LockWorkload.RELEASE)) {
			if (call.returnNs() != Operation.NEVER) {
				boolean waits = call.op().equals(LockWorkload.ACQUIRE) || call.op().equals(LockWorkload.ASYNC);
				Duration bound = this.storeTimeout.plus(waits ? LockWorkload.WAIT : Duration.ZERO).plus(CALL_MARGIN);
				calls.add(call.worker(), call.invokeNs(), call.returnNs(), bound, call);
			}
		}
		refused("calls blocked longer than time-out + 1 s", calls.findings());

		Times told = new Times("a loss was told late", this.stalls);
		for (Operation lost : this.history.of(LockWorkload.LOST)) {
			if (lost.isOk()) {
				told.add(lost.worker(), lost.invokeNs(), lost.returnNs(), TOLD_WITHIN, lost);
			}
			else if (lost.outcome() == Operation.Outcome.INFO && lost.returnNs() != Operation.NEVER) {
				this.findings.add(new Finding("a loss was never told", List.of(lost)));
			}
		}
		this.findings.addAll(told.findings());
		this.cells.put("losses, told within", told.count() + ", " + millis(told.percentile(1)));

		Times recovery = new Times("a lock of a dead holder stayed taken", this.stalls);
		this.history.of(FaultRun.KILL).forEach((kill) -> recoveries(kill, recovery));
		this.findings.addAll(recovery.findings());
		this.cells.put("recoveries from dead holders, p99 (bound)",
				recovery.count() + ", " + millis(recovery.percentile(0.99)) + " (" + millis(this.recoveryBound) + ")");
		Duration discounted = List.of(calls, told, recovery)
			.stream()
			.map(Times::discounted)
			.max(Duration::compareTo)
			.orElseThrow();
		this.cells.put("most taken off for stalls; longest stall of the machine",
				millis(discounted) + "; " + millis(Duration.ofNanos(this.stalls.longest(0))));
	}

	/** From the death of a holder, or when somebody first wants the lock after it. */
	private void recoveries(Operation kill, Times recovery) {
		for (Operation held : this.history.of(LockWorkload.HOLD)) {
			if (held.worker() != kill.token() || held.returnNs() != Operation.NEVER) {
				continue;
			}
			List<Operation> after = this.grants.stream()
				.filter((grant) -> grant.key().equals(held.key()) && grant.worker() != kill.token()
						&& grant.returnNs() > kill.invokeNs())
				.toList();
			Operation next = null;
			long wanted = Long.MAX_VALUE;
			for (Operation grant : after) {
				wanted = Math.min(wanted, grant.invokeNs());
				if (grant.isOk() && (next == null || grant.returnNs() < next.returnNs())) {
					next = grant;
				}
			}
			if (next != null && isOutOfReach(kill, next)) {
				this.outOfReach++;
			}
			else if (next != null) {
				recovery.add(next.worker(), Math.max(kill.invokeNs(), wanted), next.returnNs(), this.recoveryBound,
						kill, held, next);
			}
		}
	}

	/** Whether the store left live workers without an answer in between. */
	private boolean isOutOfReach(Operation kill, Operation next) {
		return this.grants.stream()
			.anyMatch((call) -> call.worker() != kill.token() && call.outcome() == Operation.Outcome.INFO
					&& call.returnNs() > kill.invokeNs() && call.returnNs() <= next.returnNs());
	}

	private static List<Finding> each(List<Operation> operations, Function<List<Operation>, List<Finding>> check) {
		return History.byKey(operations).values().stream().flatMap((ofKey) -> check.apply(ofKey).stream()).toList();
	}

	private void refused(String what, List<Finding> found) {
		this.cells.put(what, Integer.toString(found.size()));
		this.findings.addAll(found);
	}

	private void excusable(String what, List<Finding> found) {
		Map<String, Long> excused = found.stream()
			.filter((finding) -> cause(finding) != null)
			.collect(Collectors.groupingBy(this::cause, Collectors.counting()));
		List<Finding> others = found.stream().filter((finding) -> cause(finding) == null).toList();
		this.findings.addAll(others);
		this.cells.put(what,
				others.size() + excused.entrySet()
					.stream()
					.map((entry) -> ", and " + entry.getValue() + " after '" + entry.getKey() + "'")
					.collect(Collectors.joining()));
	}

	/** The loss during whose consequences the last of the evidence began. */
	private String cause(Finding finding) {
		Operation last = finding.evidence().get(finding.evidence().size() - 1);
		return this.losses.stream()
			.filter((loss) -> last.returnNs() >= loss.invokeNs() && last.invokeNs() <= loss.returnNs())
			.map(Operation::key)
			.findFirst()
			.orElse(null);
	}

	private static String millis(Duration duration) {
		return duration.toMillis() + " ms";
	}

}
