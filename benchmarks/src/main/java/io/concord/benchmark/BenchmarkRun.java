package io.concord.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What the groups of a run share. Everybody is measured in many short slices, in turns,
 * so that what else the machine does hits all alike.
 *
 * @param servers the servers
 * @param rounds how many slices everybody has, after those to warm up
 * @param nanos how long a slice is
 */
record BenchmarkRun(Servers servers, int rounds, long nanos) {

	/** All processes that measure are alike. */
	private static final String[] JVM_ARGUMENTS = { "-Xms384m", "-Xmx384m", "-XX:+UseSerialGC" };

	WorkerProcess startWorker(Addresses addresses) throws IOException {
		return WorkerProcess.start(addresses, JVM_ARGUMENTS);
	}

	/** Rounds that are not counted. */
	int warmUps() {
		return Math.max(1, this.rounds / 4);
	}

	/**
	 * Returns this run with fewer and longer slices, for what takes its time to begin or
	 * to end.
	 * @param factor by which they are longer
	 */
	BenchmarkRun longer(int factor) {
		return new BenchmarkRun(this.servers, Math.max(1, this.rounds / factor), this.nanos * factor);
	}

	long millis() {
		return TimeUnit.NANOSECONDS.toMillis(this.nanos);
	}

	/**
	 * The order of a round: another one begins each time, so that nobody always follows
	 * the same.
	 */
	static <T> List<T> order(List<T> all, int round) {
		List<T> order = new ArrayList<>(all);
		Collections.rotate(order, -round);
		return order;
	}

	/** Tells people how far it is. */
	static void say(String format, Object... args) {
		System.out.println(String.format(Locale.ROOT, format, args));
	}

}
