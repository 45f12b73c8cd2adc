package io.concord.test.faults;

import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Finds out how much was let through at most within a length of time, wherever that
 * begins.
 */
public final class SlidingWindow {

	private SlidingWindow() {
	}

	/**
	 * Returns how much certainly was let through within one window. What was let through
	 * sometime between its beginning and its end counts if all of that lies within, so
	 * that a limit that is kept is never exceeded here, and one that is not, only by
	 * less.
	 * @param operations with what was let through as their tokens; only those that were
	 * done count
	 * @param window the length of a window; its beginning belongs to it, its end does not
	 * @return the greatest sum of any window
	 */
	public static long maximum(List<Operation> operations, Duration window) {
		// A window that can't begin later without losing something begins as an operation
		// does. From one such window to the next, some begin too early for it, and
		// others end in time for it.
		List<Operation> byBegin = done(operations, Comparator.comparingLong(Operation::invokeNs));
		List<Operation> byEnd = done(operations, Comparator.comparingLong(Operation::returnNs));
		Set<Operation> counted = Collections.newSetFromMap(new IdentityHashMap<>());
		long maximum = 0;
		long sum = 0;
		int early = 0;
		int ended = 0;
		for (Operation first : byBegin) {
			long begin = first.invokeNs();
			for (; byBegin.get(early).invokeNs() < begin; early++) {
				if (counted.remove(byBegin.get(early))) {
					sum -= byBegin.get(early).token();
				}
			}
			for (; ended < byEnd.size() && byEnd.get(ended).returnNs() < begin + window.toNanos(); ended++) {
				Operation next = byEnd.get(ended);
				if (next.invokeNs() >= begin && counted.add(next)) {
					sum += next.token();
				}
			}
			maximum = Math.max(maximum, sum);
		}
		return maximum;
	}

	private static List<Operation> done(List<Operation> operations, Comparator<Operation> order) {
		return operations.stream().filter(Operation::isOk).sorted(order).toList();
	}

}
