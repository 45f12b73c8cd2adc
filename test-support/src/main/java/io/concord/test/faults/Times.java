package io.concord.test.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects how long something took, and judges it by a bound that is a promise of real
 * time: to a process that runs, so what it stood still is taken off. Not thread-safe.
 */
public final class Times {

	private final String rule;

	private final Stalls stalls;

	private final List<Long> nanos = new ArrayList<>();

	private final List<Finding> findings = new ArrayList<>();

	private long discounted;

	/**
	 * Creates an empty collection.
	 * @param rule what is promised, for findings
	 * @param stalls what is taken off
	 */
	public Times(String rule, Stalls stalls) {
		this.rule = rule;
		this.stalls = stalls;
	}

	/**
	 * Takes one more.
	 * @param worker whose stalls are taken off, besides those of the runner
	 * @param fromNs when it began
	 * @param toNs when it was over
	 * @param bound how long it may take
	 * @param evidence the operations that show it
	 */
	public void add(int worker, long fromNs, long toNs, Duration bound, Operation... evidence) {
		long took = Math.max(0, toNs - fromNs);
		if (took > bound.toNanos()) {
			long running = this.stalls.running(worker, fromNs, toNs);
			this.discounted = Math.max(this.discounted, took - running);
			took = running;
		}
		this.nanos.add(took);
		if (took > bound.toNanos()) {
			this.findings.add(Finding.of(this.rule + ": took " + Duration.ofNanos(took).toMillis() + " ms instead of "
					+ bound.toMillis() + " ms", evidence));
		}
	}

	/**
	 * Returns those that took too long.
	 * @return the findings
	 */
	public List<Finding> findings() {
		return this.findings;
	}

	/**
	 * Returns how many were taken.
	 * @return the number
	 */
	public int count() {
		return this.nanos.size();
	}

	/**
	 * Returns the most that was taken off any of them.
	 * @return zero if the bound held as it was
	 */
	public Duration discounted() {
		return Duration.ofNanos(this.discounted);
	}

	/**
	 * Returns below what a part of them lies.
	 * @param part such as 0.99
	 * @return the least time that is not exceeded by that part of them; zero if there is
	 * none
	 */
	public Duration percentile(double part) {
		if (this.nanos.isEmpty()) {
			return Duration.ZERO;
		}
		long[] sorted = this.nanos.stream().mapToLong(Long::longValue).toArray();
		Arrays.sort(sorted);
		int index = (int) Math.ceil(part * sorted.length) - 1;
		return Duration.ofNanos(sorted[Math.max(0, index)]);
	}

}
