package io.concord.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * What a store was asked while something ran: at Redis what {@code MONITOR} tells, at
 * ZooKeeper the packets that the nodes have received, and for PostgreSQL the statements
 * that the processes have sent.
 *
 * @param calls what clients have sent, each time
 * @param commands the same and what scripts have run at the server, each time; equal to
 * the calls where there are none
 */
record StoreCalls(double calls, double commands) {

	/**
	 * Counts.
	 * @param workers those that run it
	 * @param running runs it, and tells how many times
	 */
	static StoreCalls count(BenchmarkRun run, Store store, List<WorkerProcess> workers, Callable<Long> running)
			throws Exception {
		if (store == Store.REDIS) {
			try (RedisMonitor monitor = new RedisMonitor(run.servers().redis().port())) {
				double times = running.call();
				monitor.drain();
				return new StoreCalls(monitor.calls() / times, monitor.commands() / times);
			}
		}
		long before = counted(run, store, workers);
		double times = running.call();
		double each = (counted(run, store, workers) - before) / times;
		return new StoreCalls(each, each);
	}

	/**
	 * Counts what happens by itself.
	 * @param workers those that make the calls
	 * @param millis for how long
	 */
	static StoreCalls countAMinute(BenchmarkRun run, Store store, List<WorkerProcess> workers, long millis)
			throws Exception {
		double minutes = millis / (double) TimeUnit.MINUTES.toMillis(1);
		if (store == Store.REDIS) {
			try (RedisMonitor monitor = new RedisMonitor(run.servers().redis().port())) {
				monitor.read(millis);
				return new StoreCalls(monitor.calls() / minutes, monitor.commands() / minutes);
			}
		}
		long before = counted(run, store, workers);
		TimeUnit.MILLISECONDS.sleep(millis);
		double each = (counted(run, store, workers) - before) / minutes;
		return new StoreCalls(each, each);
	}

	private static long counted(BenchmarkRun run, Store store, List<WorkerProcess> workers) {
		if (store == Store.ZOOKEEPER) {
			return run.servers().zooKeeper().packetsReceived();
		}
		return workers.stream().mapToLong((worker) -> {
			worker.ask("statements");
			return worker.numbers().get(0);
		}).sum();
	}

	/** Begins the words by which a worker counts, where that is up to it. */
	static String prefix(Store store) {
		return (store == Store.POSTGRES) ? "counted-" : "";
	}

	String cell() {
		return (this.calls == this.commands) ? String.format(Locale.ROOT, "%.1f", this.calls)
				: String.format(Locale.ROOT, "%.1f (%.1f)", this.calls, this.commands);
	}

}
