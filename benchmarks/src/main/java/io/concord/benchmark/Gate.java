package io.concord.benchmark;

import java.util.Locale;

/**
 * What was set as a goal before anything was measured.
 *
 * @param what the goal in words
 * @param value what was measured, in the unit of the goal
 * @param least what it must reach
 */
record Gate(String what, double value, double least) {

	/**
	 * Whether it is met.
	 */
	boolean met() {
		return this.value >= this.least;
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%s: %s (%.2f, %.2f asked)", met() ? "met" : "**missed**", this.what,
				this.value, this.least);
	}

}
