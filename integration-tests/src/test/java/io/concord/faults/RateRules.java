package io.concord.faults;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Intervals;
import io.concord.test.faults.Operation;
import io.concord.test.faults.SlidingWindow;

/**
 * What limits have to obey: in any window never more than they say, but for one more
 * bucket each time that the store has lost what it had counted, or its clock has stepped;
 * and all permits for concurrency come back.
 */
final class RateRules extends Rules {

	/** How long a clock that has been moved takes to be seen. */
	private static final Duration SLACK = Duration.ofSeconds(1);

	private final List<Operation> steps;

	/**
	 * Checks a history.
	 * @param history what happened
	 * @param leaseTime how long after a loss a permit of before may seem to be held
	 * @param excuses faults after which one more bucket may pass
	 */
	RateRules(History history, Duration leaseTime, Excuses excuses) {
		super(history, leaseTime, excuses);
		List<Operation> jumps = faults(excuses.clockJumps());
		// A clock that jumps comes home.
		this.steps = Stream.of(faults(excuses.losses()), jumps, jumps).flatMap(List::stream).toList();
		count("faults", Integer.toString(history.of(History.FAULT).size()));
		Map<String, List<Operation>> taken = History.byKey(history.of(RateWorkload.TAKE));
		RateWorkload.LIMITS.forEach((limit) -> check(limit, taken.getOrDefault(limit.rule().name(), List.of())));
		List<Operation> holds = history.of(RateWorkload.HOLD);
		count("permits held", Integer.toString(holds.size()));
		if (holds.isEmpty()) {
			found(List.of(new Finding("nobody has got a permit", List.of())));
		}
		excusableByEnd("more permits held than there are", Intervals.overlaps(holds, RateWorkload.PERMITS));
		probed(RateWorkload.PROBE, "probes that did not find all permits at the end", "a permit has not come back");
	}

	private List<Operation> faults(List<String> names) {
		return history().where((operation) -> operation.op().equals(History.FAULT)
				&& names.stream().anyMatch(operation.key()::contains));
	}

	private void check(RateWorkload.Limit limit, List<Operation> taken) {
		long most = SlidingWindow.maximum(taken, RateWorkload.WINDOW);
		count(limit.rule().name() + ": let through, most in a second (bound)",
				taken.size() + ", " + most + " (" + limit.most() + ")");
		found(SlidingWindow.exceeding(taken, RateWorkload.WINDOW,
				(begin) -> limit.most() + limit.more() * steps(begin)));
		if (most < limit.rule().rates().get(0).permits() / 2) {
			found(List.of(new Finding(limit.rule() + " has never let through half of what it may", List.of())));
		}
	}

	private long steps(long begin) {
		long end = begin + RateWorkload.WINDOW.toNanos();
		return this.steps.stream()
			.filter((step) -> step.invokeNs() < end && step.returnNs() + SLACK.toNanos() > begin)
			.count();
	}

}
