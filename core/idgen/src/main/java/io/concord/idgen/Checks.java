package io.concord.idgen;

import java.time.Duration;

/**
 * Checks of what all kinds of generators have.
 */
final class Checks {

	private Checks() {
	}

	static void name(String name) {
		if (name.isEmpty() || name.length() > WorkerIdClaim.MAX_TEXT) {
			throw new InvalidGeneratorException("name",
					"the name has to have 1 to " + WorkerIdClaim.MAX_TEXT + " characters");
		}
	}

	static void least(long least) {
		if (least < 1) {
			throw new InvalidGeneratorException("least", "the least number has to be at least 1 and not " + least);
		}
	}

	static void maxWait(Duration maxWait) {
		if (maxWait.isNegative()) {
			throw new InvalidGeneratorException("max-wait", "the wait must not be negative");
		}
	}

}
