package io.concord.faults;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.concord.test.faults.FaultRun;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Intervals;
import io.concord.test.faults.Linearizability;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Times;
import io.concord.test.faults.Tokens;

/**
 * What histories of locks have to obey. Some faults excuse that two held a lock at a time
 * or a token came twice, which is then counted beside them; nothing excuses a write of a
 * holder that was not the newest.
 */
public final class LockRules extends Rules {

	private static final Duration CHECK_BUDGET = Duration.ofSeconds(60);

	private static final Duration TOLD_WITHIN = Duration.ofSeconds(1);

	private static final Duration CALL_MARGIN = Duration.ofSeconds(1);

	private final Duration storeTimeout;

	/** How long after the death of its holder a lock may be taken. */
	private final Duration recoveryBound;

	private final List<Operation> grants;

	private int outOfReach;

	/**
	 * Checks a history.
	 * @param leaseTime how long after such a loss a lease of before may seem to be held
	 * @param excuses which faults excuse what
	 */
	public LockRules(History history, Duration storeTimeout, Duration leaseTime, Duration recoveryBound,
			Excuses excuses) {
		super(history, leaseTime, excuses);
		this.storeTimeout = storeTimeout;
		this.recoveryBound = recoveryBound;
		this.grants = history.of(LockWorkload.ACQUIRE, LockWorkload.ASYNC, LockWorkload.TRY, LockWorkload.PROBE);
		count();
		checkTokens();
		checkHolders();
		checkRegister();
		probed(LockWorkload.PROBE, "stuck names", "a name is stuck");
		checkTimes();
	}

	private void count() {
		Map<Operation.Outcome, Long> outcomes = history().operations()
			.stream()
			.filter((operation) -> operation.worker() != 0 && !operation.op().equals(History.STALL))
			.collect(Collectors.groupingBy(Operation::outcome, Collectors.counting()));
		count("operations: done, not done, unknown",
				outcomes.getOrDefault(Operation.Outcome.OK, 0L) + ", "
						+ outcomes.getOrDefault(Operation.Outcome.FAIL, 0L) + ", "
						+ outcomes.getOrDefault(Operation.Outcome.INFO, 0L));
		long granted = this.grants.stream().filter(Operation::isOk).count();
		count("grants", Long.toString(granted));
		if (granted == 0) {
			found(List.of(new Finding("nobody has got any lock", List.of())));
		}
		count("faults", Integer.toString(history().of(History.FAULT).size()));
	}

	private void checkTokens() {
		excusableByLoss("tokens given out twice", each(this.grants, Tokens::repeats));
		excusableByLoss("tokens out of order", each(this.grants, Tokens::regressions));
	}

	private void checkHolders() {
		// Of one that was killed nobody has seen until when it held.
		List<Operation> held = history()
			.where((operation) -> operation.op().equals(LockWorkload.HOLD) && operation.isOk());
		excusableByEnd("two holders at a time", each(held, Intervals::overlaps));
	}

	private void checkRegister() {
		Map<String, List<Operation>> announcements = History.byKey(history().of(LockWorkload.ANNOUNCE));
		List<Finding> stale = each(history().of(LockWorkload.COMMIT),
				(commits) -> Tokens.staleWrites(announcements.getOrDefault(commits.get(0).key(), List.of()), commits));
		refused("stale guarded commits", stale);
		List<Operation> commits = history().of(LockWorkload.COMMIT);
		count("guarded commits: done, refused", commits.stream().filter(Operation::isOk).count() + ", "
				+ commits.stream().filter((commit) -> commit.outcome() == Operation.Outcome.FAIL).count());
		refused("registers not linearizable",
				Linearizability.ofRegisters(history().of(LockWorkload.READ, LockWorkload.COMMIT), LockWorkload.READ,
						LockWorkload.COMMIT, CHECK_BUDGET));
	}

	private void checkTimes() {
		Times calls = new Times("a call was blocked", stalls());
		for (Operation call : history().of(LockWorkload.ACQUIRE, LockWorkload.ASYNC, LockWorkload.TRY,
				LockWorkload.RELEASE)) {
			if (call.returnNs() != Operation.NEVER) {
				boolean waits = call.op().equals(LockWorkload.ACQUIRE) || call.op().equals(LockWorkload.ASYNC);
				Duration bound = this.storeTimeout.plus(waits ? LockWorkload.WAIT : Duration.ZERO).plus(CALL_MARGIN);
				calls.add(call.worker(), call.invokeNs(), call.returnNs(), bound, call);
			}
		}
		refused("calls blocked longer than time-out + 1 s", calls.findings());

		Times told = new Times("a loss was told late", stalls());
		for (Operation lost : history().of(LockWorkload.LOST)) {
			if (lost.isOk()) {
				told.add(lost.worker(), lost.invokeNs(), lost.returnNs(), TOLD_WITHIN, lost);
			}
			else if (lost.outcome() == Operation.Outcome.INFO && lost.returnNs() != Operation.NEVER) {
				found(List.of(new Finding("a loss was never told", List.of(lost))));
			}
		}
		found(told.findings());
		count("losses, told within", told.count() + ", " + millis(told.percentile(1)));

		Times recovery = new Times("a lock of a dead holder stayed taken", stalls());
		history().of(FaultRun.KILL).forEach((kill) -> recoveries(kill, recovery));
		found(recovery.findings());
		count("recoveries from dead holders, p99 (bound); with the store out of reach", recovery.count() + ", "
				+ millis(recovery.percentile(0.99)) + " (" + millis(this.recoveryBound) + "); " + this.outOfReach);
		Duration discounted = List.of(calls, told, recovery)
			.stream()
			.map(Times::discounted)
			.max(Duration::compareTo)
			.orElseThrow();
		count("most taken off for stalls; longest stall of the machine",
				millis(discounted) + "; " + millis(Duration.ofNanos(stalls().longest(0))));
	}

	/** From the death of a holder, for as long as somebody wants the lock. */
	private void recoveries(Operation kill, Times recovery) {
		for (Operation held : history().of(LockWorkload.HOLD)) {
			if (held.worker() != kill.token() || held.returnNs() != Operation.NEVER) {
				continue;
			}
			List<Operation> after = this.grants.stream()
				.filter((grant) -> grant.key().equals(held.key()) && grant.worker() != kill.token()
						&& grant.returnNs() > kill.invokeNs() && !diedBefore(kill, grant.worker()))
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
				long begin = Math.max(kill.invokeNs(), wanted);
				recovery.add(next.worker(), begin, next.returnNs() - unwanted(after, begin, next), this.recoveryBound,
						kill, held, next);
			}
		}
	}

	/** What it waited for when it died, it wants no more. */
	private boolean diedBefore(Operation kill, int worker) {
		return history().of(FaultRun.KILL)
			.stream()
			.anyMatch((other) -> other.token() == worker && other.invokeNs() < kill.invokeNs());
	}

	/** For how long nobody wanted the lock since it was last refused. */
	private static long unwanted(List<Operation> attempts, long begin, Operation next) {
		long seen = attempts.stream()
			.filter((attempt) -> attempt.outcome() == Operation.Outcome.FAIL && attempt.returnNs() < next.returnNs())
			.mapToLong(Operation::returnNs)
			.reduce(begin, Math::max);
		long unwanted = 0;
		for (Operation attempt : attempts.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList()) {
			if (attempt.invokeNs() < next.returnNs()) {
				unwanted += Math.max(0, attempt.invokeNs() - seen);
				seen = Math.max(seen, attempt.returnNs());
			}
		}
		return unwanted;
	}

	/** Whether the store left live workers without an answer in between. */
	private boolean isOutOfReach(Operation kill, Operation next) {
		return this.grants.stream()
			.anyMatch((call) -> call.worker() != kill.token() && call.outcome() == Operation.Outcome.INFO
					&& call.returnNs() > kill.invokeNs() && call.returnNs() <= next.returnNs());
	}

}
