package io.concord.benchmark;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * How long it takes to find the node of a key. Each algorithm has a JVM of its own, for
 * the reason that {@link IdsGroup} has.
 */
final class HashingGroup implements BenchmarkGroup {

	private static final List<Integer> NODES = List.of(10, 50, 200, 1_000);

	private static final String[] JVM_ARGUMENTS = { "-Xms128m", "-Xmx128m", "-XX:+UseSerialGC" };

	private static final int WARM_UPS = 3;

	private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

	/** Less than an object in a hundred look-ups. */
	private static final double NOTHING = 0.1;

	@Override
	public String name() {
		return "hashing";
	}

	@Override
	public Report run(BenchmarkRun run) throws Exception {
		Map<Integer, Rates<HashingContender>> times = new TreeMap<>();
		NODES.forEach((nodes) -> times.put(nodes, new Rates<>()));
		Rates<HashingContender> bytes = new Rates<>();
		Map<HashingContender, WorkerProcess> workers = new EnumMap<>(HashingContender.class);
		try {
			for (HashingContender contender : HashingContender.values()) {
				WorkerProcess worker = WorkerProcess.start(Addresses.NONE, JVM_ARGUMENTS);
				workers.put(contender, worker);
				for (int i = 0; i < WARM_UPS; i++) {
					NODES.forEach((nodes) -> measure(worker, contender, nodes, WARM_UP_NANOS));
				}
				BenchmarkRun.say("hashing: %s is warm", contender.title());
			}
			for (int round = 0; round < run.rounds(); round++) {
				for (HashingContender contender : BenchmarkRun.order(List.of(HashingContender.values()), round)) {
					for (int nodes : NODES) {
						List<Long> measured = measure(Objects.requireNonNull(workers.get(contender)), contender, nodes,
								run.nanos());
						Objects.requireNonNull(times.get(nodes))
							.add(contender, measured.get(1) / (double) measured.get(0));
						bytes.add(contender, measured.get(2) / (double) measured.get(0));
					}
				}
			}
		}
		finally {
			for (WorkerProcess worker : workers.values()) {
				worker.close();
			}
		}
		return report(times, bytes);
	}

	private static List<Long> measure(WorkerProcess worker, HashingContender contender, int nodes, long nanos) {
		worker.ask("hashing", contender.name(), nodes, nanos);
		return worker.numbers();
	}

	private static Report report(Map<Integer, Rates<HashingContender>> times, Rates<HashingContender> bytes) {
		List<String> columns = new ArrayList<>(List.of("ns, with the hash of the key"));
		NODES.forEach((nodes) -> columns.add(String.format(Locale.ROOT, "%,d nodes", nodes)));
		Table table = new Table("The node of a key of fifteen characters, one thread", columns);
		double most = 0;
		for (HashingContender contender : HashingContender.values()) {
			List<String> row = new ArrayList<>(List.of(contender.title()));
			times.values().forEach((rates) -> {
				Series series = rates.of(contender);
				row.add(String.format(Locale.ROOT, "%,.0f ± %.0f %%", series.median(), series.spread() * 100));
			});
			table.add(row);
			most = Math.max(most, bytes.of(contender).median());
		}
		Series few = Objects.requireNonNull(times.get(10)).of(HashingContender.MAGLEV);
		Series many = Objects.requireNonNull(times.get(1_000)).of(HashingContender.MAGLEV);
		return new Report(List.of(table), List.of(
				new Gate("no look-up allocates, 1 for yes", (most < NOTHING) ? 1 : 0, 1),
				new Gate("time of Maglev with ten nodes to that with a thousand", few.median() / many.median(), 0.5)));
	}

}
