package io.concord.test.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.stream.Stream;

/**
 * Checks what must not happen at the same time. Needs no more time than to sort.
 */
public final class Intervals {

	private Intervals() {
	}

	/**
	 * Finds operations that overlap.
	 * @param held of one key: from a moment at which it certainly was held to a later one
	 * at which it still was. What nobody has seen the end of counts as a moment
	 * @return a finding for each that begins during another one
	 */
	public static List<Finding> overlaps(List<Operation> held) {
		return overlaps(held, 1);
	}

	/**
	 * Finds operations that overlap with too many others.
	 * @param held as above
	 * @param limit how many may hold it at the same time
	 * @return a finding for each that begins during so many others
	 */
	public static List<Finding> overlaps(List<Operation> held, int limit) {
		List<Operation> sorted = held.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList();
		List<Finding> findings = new ArrayList<>();
		Queue<Operation> holders = new PriorityQueue<>(Comparator.comparingLong(Intervals::end));
		for (Operation operation : sorted) {
			while (!holders.isEmpty() && end(holders.peek()) <= operation.invokeNs()) {
				holders.remove();
			}
			if (holders.size() >= limit) {
				findings.add(new Finding(((limit == 1) ? "two" : "more than " + limit) + " held it at the same time",
						Stream.concat(holders.stream(), Stream.of(operation)).toList()));
			}
			holders.add(operation);
		}
		return findings;
	}

	private static long end(Operation operation) {
		return (operation.returnNs() == Operation.NEVER) ? operation.invokeNs() : operation.returnNs();
	}

}
