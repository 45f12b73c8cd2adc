package io.concord.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What the groups of a run share.
 *
 * @param servers the servers
 * @param rounds how often everybody is measured
 * @param nanos for how long each time
 */
record BenchmarkRun(Servers servers, int rounds, long nanos) {

	/** All processes that measure are alike. */
	private static final String[] JVM_ARGUMENTS = { "-Xms384m", "-Xmx384m", "-XX:+UseSerialGC" };

	WorkerProcess startWorker(Addresses addresses) throws IOException {
		return WorkerProcess.start(addresses, JVM_ARGUMENTS);
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
		Collections.rotate(order, -(round % all.size()));
		return order;
	}

	/** Tells people how far it is. */
	static void say(String format, Object... args) {
		System.out.println(String.format(Locale.ROOT, format, args));
	}

}
