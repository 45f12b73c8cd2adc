package io.concord.faults;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.concord.test.faults.FaultRun;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Intervals;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Times;
import io.concord.test.faults.Tokens;

/**
 * What histories of elections have to obey: at most one leader at a time and in a term,
 * terms in order, no write of a leader after a later one has announced, another leader in
 * time.
 */
final class ElectionRules extends Rules {

	/** How long there was none is no promise, and so is never too long. */
	private static final Duration NO_BOUND = Duration.ofDays(1);

	private final Duration recoveryBound;

	private final List<Operation> leads;

	ElectionRules(History history, Duration leaseTime, Duration recoveryBound, Excuses excuses) {
		super(history, leaseTime, excuses);
		this.recoveryBound = recoveryBound;
		this.leads = joined(history.where((operation) -> operation.op().equals(ElectionWorkload.LEAD)
				&& operation.outcome() != Operation.Outcome.FAIL));
		count("terms", Integer.toString(this.leads.size()));
		count("faults", Integer.toString(history.of(History.FAULT).size()));
		List<Operation> granted = this.leads.stream().map(ElectionRules::granted).toList();
		excusableByLoss("two leaders in a term", each(granted, Tokens::repeats));
		excusableByLoss("terms out of order", each(granted, Tokens::regressions));
		excusableByEnd("two leaders at a time", each(this.leads, Intervals::overlaps));
		checkRegister();
		probed(ElectionWorkload.PROBE, "elections without a leader at the end",
				"nobody leads, or a node doesn't see who");
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

	/** That it led for a moment is certain also of one that was killed then. */
	private static Operation granted(Operation lead) {
		return new Operation(lead.process(), lead.op(), lead.key(), lead.invokeNs(), lead.invokeNs(),
				Operation.Outcome.OK, lead.token(), lead.seed());
	}

	private void checkRegister() {
		Map<String, List<Operation>> announcements = History.byKey(history().of(ElectionWorkload.ANNOUNCE));
		List<Operation> commits = history().of(ElectionWorkload.COMMIT);
		refused("guarded writes of old leaders", each(commits,
				(ofKey) -> Tokens.staleWrites(announcements.getOrDefault(ofKey.get(0).key(), List.of()), ofKey)));
		count("guarded writes: done, refused", commits.stream().filter(Operation::isOk).count() + ", "
				+ commits.stream().filter((commit) -> commit.outcome() == Operation.Outcome.FAIL).count());
	}

	private void checkTimes() {
		Times without = new Times("there was no leader", stalls());
		Times recovery = new Times("no other led after the leader had died", stalls());
		for (List<Operation> ofKey : History.byKey(this.leads).values()) {
			gaps(ofKey, without);
			for (Operation kill : history().of(FaultRun.KILL)) {
				recoveries(kill, ofKey, recovery);
			}
		}
		count("time without leader: times, p50, p99",
				without.count() + ", " + millis(without.percentile(0.5)) + ", " + millis(without.percentile(0.99)));
		List<Operation> revoked = history().of(ElectionWorkload.REVOKED);
		long lost = revoked.stream().filter(Operation::isOk).count();
		count("leaders that stepped down, that lost their lease", (revoked.size() - lost) + ", " + lost);
		found(recovery.findings());
		count("another leads after a kill, p99 (bound)",
				recovery.count() + ", " + millis(recovery.percentile(0.99)) + " (" + millis(this.recoveryBound) + ")");
	}

	private void gaps(List<Operation> ofKey, Times without) {
		Operation last = null;
		for (Operation lead : ofKey.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList()) {
			if (last != null) {
				without.add(lead.worker(), end(last), lead.invokeNs(), NO_BOUND, last, lead);
			}
			last = lead;
		}
	}

	/** Of one that was killed nobody has written the end. */
	private long end(Operation lead) {
		return (lead.returnNs() != Operation.NEVER) ? lead.returnNs()
				: history().of(FaultRun.KILL)
					.stream()
					.filter((kill) -> kill.token() == lead.worker())
					.mapToLong(Operation::invokeNs)
					.findFirst()
					.orElse(lead.invokeNs());
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

}
