package io.concord.test.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.function.ObjLongConsumer;

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
		long[] maximum = new long[1];
		sweep(operations, window, (first, sum) -> maximum[0] = Math.max(maximum[0], sum));
		return maximum[0];
	}

	/**
	 * Finds the window that has the most too much, counted as by {@link #maximum}.
	 * @param operations as there
	 * @param window as there
	 * @param most how much a window may have that begins at a time
	 * @return a finding with the first operation of the window; none if no window has too
	 * much
	 */
	public static List<Finding> exceeding(List<Operation> operations, Duration window, LongUnaryOperator most) {
		List<Finding> worst = new ArrayList<>();
		long[] excess = new long[1];
		sweep(operations, window, (first, sum) -> {
			long allowed = most.applyAsLong(first.invokeNs());
			if (sum - allowed > excess[0]) {
				excess[0] = sum - allowed;
				worst.clear();
				worst.add(Finding.of(
						sum + " were let through in a window of " + window.toMillis() + " ms instead of " + allowed,
						first));
			}
		});
		return worst;
	}

	/**
	 * A window that can't begin later without losing something begins as an operation
	 * does. From one such window to the next, some begin too early for it, and others end
	 * in time for it.
	 */
	private static void sweep(List<Operation> operations, Duration window, ObjLongConsumer<Operation> windows) {
		List<Operation> byBegin = done(operations, Comparator.comparingLong(Operation::invokeNs));
		List<Operation> byEnd = done(operations, Comparator.comparingLong(Operation::returnNs));
		Set<Operation> counted = Collections.newSetFromMap(new IdentityHashMap<>());
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
			windows.accept(first, sum);
		}
	}

	private static List<Operation> done(List<Operation> operations, Comparator<Operation> order) {
		return operations.stream().filter(Operation::isOk).sorted(order).toList();
	}

}
