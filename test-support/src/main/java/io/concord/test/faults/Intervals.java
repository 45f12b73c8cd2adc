package io.concord.test.faults;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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
		List<Operation> sorted = held.stream().sorted(Comparator.comparingLong(Operation::invokeNs)).toList();
		List<Finding> findings = new ArrayList<>();
		Operation last = null;
		for (Operation operation : sorted) {
			if (last != null && operation.invokeNs() < end(last)) {
				findings.add(Finding.of("two held it at the same time", last, operation));
			}
			if (last == null || end(operation) > end(last)) {
				last = operation;
			}
		}
		return findings;
	}

	private static long end(Operation operation) {
		return (operation.returnNs() == Operation.NEVER) ? operation.invokeNs() : operation.returnNs();
	}

}
