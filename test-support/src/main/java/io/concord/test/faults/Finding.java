package io.concord.test.faults;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Something in a history that must not be.
 *
 * @param rule which rule is broken
 * @param evidence the operations that show it
 */
public record Finding(String rule, List<Operation> evidence) {

	/**
	 * Creates a finding.
	 * @param rule which rule is broken
	 * @param evidence the operations that show it
	 * @return the finding
	 */
	static Finding of(String rule, Operation... evidence) {
		return new Finding(rule, Stream.of(evidence).toList());
	}

	@Override
	public String toString() {
		return this.rule + this.evidence.stream().map((one) -> "\n    " + one.toJson()).collect(Collectors.joining());
	}

}
