package io.concord.test.faults;

import java.time.Duration;
import java.util.function.IntConsumer;

/**
 * Something that goes wrong for a while. The runner calls its methods on one thread, one
 * fault at a time.
 *
 * @param name what it is called in schedules, histories and tables
 * @param length how long it lasts at least; a schedule makes it up to a half longer
 * @param begin begins it; takes a number, not negative, from which a target is chosen
 * @param end ends it, with everything as before
 */
public record Fault(String name, Duration length, IntConsumer begin, Runnable end) {

	/**
	 * Returns both at the same time.
	 * @param other begins later and ends first
	 * @return the two as one
	 */
	public Fault and(Fault other) {
		Duration longer = (this.length.compareTo(other.length) > 0) ? this.length : other.length;
		return new Fault(this.name + " and " + other.name, longer, (target) -> {
			this.begin.accept(target);
			other.begin.accept(target);
		}, () -> {
			other.end.run();
			this.end.run();
		});
	}

}
