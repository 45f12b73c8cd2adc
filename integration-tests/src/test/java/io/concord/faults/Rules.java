package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Operation;
import io.concord.test.faults.Stalls;

/**
 * What a history has to obey: collects what was counted, and what must not be. Some
 * faults excuse some of it, which is then counted beside the rest.
 */
public abstract class Rules {

	private final History history;

	private final Stalls stalls;

	/** When what the store had acknowledged was lost, and until no lease of before. */
	private final List<Operation> losses;

	/** The same, and when its clock had jumped, by which leases end and tokens don't. */
	private final List<Operation> ends;

	private final List<Finding> findings = new ArrayList<>();

	private final Map<String, String> cells = new LinkedHashMap<>();

	/**
	 * Begins with nothing found.
	 * @param history what is judged
	 * @param leaseTime how long after a loss a lease of before may seem to be held
	 * @param excuses which faults excuse what
	 */
	Rules(History history, Duration leaseTime, Excuses excuses) {
		this.history = history;
		this.stalls = history.stalls();
		this.losses = during(excuses.losses(), leaseTime);
		this.ends = Stream.concat(this.losses.stream(), during(excuses.clockJumps(), leaseTime).stream()).toList();
	}

	private List<Operation> during(List<String> faults, Duration leaseTime) {
		return this.history
			.where((operation) -> operation.op().equals(History.FAULT)
					&& faults.stream().anyMatch(operation.key()::contains))
			.stream()
			.map((fault) -> new Operation(fault.process(), fault.op(), fault.key(), fault.invokeNs(),
					fault.returnNs() + leaseTime.toNanos(), fault.outcome(), 0, fault.seed()))
			.toList();
	}

	/** What must not be. */
	public final List<Finding> findings() {
		return this.findings;
	}

	/** What was counted, for the table. */
	public final Map<String, String> cells() {
		return this.cells;
	}

	final History history() {
		return this.history;
	}

	final Stalls stalls() {
		return this.stalls;
	}

	final void count(String what, String count) {
		this.cells.put(what, count);
	}

	final void found(List<Finding> found) {
		this.findings.addAll(found);
	}

	/** What nothing excuses. */
	final void refused(String what, List<Finding> found) {
		this.cells.put(what, Integer.toString(found.size()));
		this.findings.addAll(found);
	}

	/** Of tokens: what a loss excuses. */
	final void excusableByLoss(String what, List<Finding> found) {
		excusable(what, found, this.losses);
	}

	/** Of holders: what a loss excuses, or a jump of the store's clock. */
	final void excusableByEnd(String what, List<Finding> found) {
		excusable(what, found, this.ends);
	}

	private void excusable(String what, List<Finding> found, List<Operation> causes) {
		Map<String, Long> excused = found.stream()
			.filter((finding) -> cause(finding, causes) != null)
			.collect(Collectors.groupingBy((finding) -> cause(finding, causes), Collectors.counting()));
		List<Finding> others = found.stream().filter((finding) -> cause(finding, causes) == null).toList();
		this.findings.addAll(others);
		this.cells.put(what,
				others.size() + excused.entrySet()
					.stream()
					.map((entry) -> ", and " + entry.getValue() + " after '" + entry.getKey() + "'")
					.collect(Collectors.joining()));
	}

	/** The fault during whose consequences the last of the evidence began. */
	private static String cause(Finding finding, List<Operation> causes) {
		Operation last = finding.evidence().get(finding.evidence().size() - 1);
		return causes.stream()
			.filter((loss) -> last.returnNs() >= loss.invokeNs() && last.invokeNs() <= loss.returnNs())
			.map(Operation::key)
			.findFirst()
			.orElse(null);
	}

	/** Whatever was looked for at the end was there, and somebody has looked. */
	final void probed(String op, String what, String finding) {
		List<Operation> probes = this.history.of(op);
		refused(what,
				probes.stream()
					.filter((probe) -> !probe.isOk())
					.map((probe) -> new Finding(finding, List.of(probe)))
					.toList());
		if (probes.isEmpty()) {
			found(List.of(new Finding("nobody has looked for " + what, List.of())));
		}
	}

	static List<Finding> each(List<Operation> operations, Function<List<Operation>, List<Finding>> check) {
		return History.byKey(operations).values().stream().flatMap((ofKey) -> check.apply(ofKey).stream()).toList();
	}

	static String millis(Duration duration) {
		return duration.toMillis() + " ms";
	}

	/**
	 * Faults that excuse what would be a finding.
	 *
	 * @param losses lose what the store has acknowledged
	 * @param clockJumps move the clock by which the store's leases end
	 */
	public record Excuses(List<String> losses, List<String> clockJumps) {

		/** Nothing is excused. */
		public static final Excuses NONE = new Excuses(List.of(), List.of());

	}

}
