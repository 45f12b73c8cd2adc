package io.concord.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What it costs when ten thousand wait for one lock in one process.
 */
final class MemoryGroup implements BenchmarkGroup {

	private static final int WAITERS = 10_000;

	private static final long COUNTED_MILLIS = 3_000;

	private static final double MEGABYTE = 1 << 20;

	private static final String[] JVM_ARGUMENTS = { "-Xmx2g", "-XX:+UseSerialGC" };

	private static final List<Case> CASES = List.of(new Case(Contender.CONCORD_REDIS, true),
			new Case(Contender.CONCORD_REDIS, false), new Case(Contender.REDISSON, true),
			new Case(Contender.REDISSON, false), new Case(Contender.SPRING_INTEGRATION_REDIS_PUB_SUB, false));

	@Override
	public String name() {
		return "memory";
	}

	@Override
	public Report run(BenchmarkRun run) throws Exception {
		Table table = new Table(String.format(Locale.ROOT, "%,d wait for one lock in one JVM", WAITERS),
				List.of("Redis", "heap, MB", "threads", "resident, MB", "commands of Redis a second"));
		List<Double> heaps = new ArrayList<>();
		for (Case one : CASES) {
			run.servers().redis().call("FLUSHALL");
			try (WorkerProcess worker = WorkerProcess.start(run.servers().start(Store.REDIS), JVM_ARGUMENTS)) {
				worker.ask("memory", one.contender().name(), one.asObjects() ? "objects" : "threads", WAITERS);
				List<Long> costs = worker.numbers();
				run.servers().redis().resetCommandCounts();
				TimeUnit.MILLISECONDS.sleep(COUNTED_MILLIS);
				double commands = run.servers().redis().commandCounts().values().stream().mapToLong((n) -> n).sum();
				heaps.add(costs.get(0) / MEGABYTE);
				table.add(List.of(one.title(), format(costs.get(0) / MEGABYTE), Long.toString(costs.get(1)),
						format(costs.get(2) / MEGABYTE), format(commands * 1_000 / COUNTED_MILLIS)));
				BenchmarkRun.say("memory: %s: %s", one.title(), costs);
			}
		}
		return new Report(List.of(table),
				List.of(new Gate("heap of Redisson's waiters without threads to that of Concord's",
						heaps.get(2) / heaps.get(0), 1)));
	}

	private static String format(double number) {
		return String.format(Locale.ROOT, "%,.1f", number);
	}

	private record Case(Contender contender, boolean asObjects) {

		String title() {
			return this.contender.title() + (this.asObjects ? ", asynchronous" : ", a thread each");
		}

	}

}
