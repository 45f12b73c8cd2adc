package io.concord.test.faults;

import java.util.List;
import java.util.stream.Stream;

import io.concord.test.faults.Operation.Outcome;

/**
 * Operations written by hand.
 */
final class Histories {

	private Histories() {
	}

	static Operation ok(int process, String op, long token, long invoke, long end) {
		return new Operation(process, op, "k", invoke, end, Outcome.OK, token, 1);
	}

	static Operation info(int process, String op, long token, long invoke) {
		return new Operation(process, op, "k", invoke, Operation.NEVER, Outcome.INFO, token, 1);
	}

	static Operation fail(int process, String op, long token, long invoke, long end) {
		return new Operation(process, op, "k", invoke, end, Outcome.FAIL, token, 1);
	}

	static List<Operation> history(Operation... operations) {
		return Stream.of(operations).toList();
	}

}
