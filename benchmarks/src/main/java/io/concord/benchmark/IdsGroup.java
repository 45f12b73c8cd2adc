package io.concord.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import io.concord.benchmark.IdContender.Kind;

/**
 * Ids, without a server: how many, and how long one is waited for. Each contender has a
 * JVM of its own, as one in which several have run calls all of them by a detour, which
 * costs more than some ids do.
 */
final class IdsGroup implements BenchmarkGroup {

	private static final List<Integer> THREADS = List.of(1, 2, 8);

	/** What 12 bits give in a second. */
	private static final double MOST_OF_TWELVE_BITS = 4_096_000;

	private static final double MILLION = 1e6;

	private static final String[] JVM_ARGUMENTS = { "-Xms64m", "-Xmx64m", "-XX:+UseSerialGC" };

	private static final int WARM_UPS = 3;

	private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	/**
	 * Slices are longer, so that where they begin and end matters less than a hundredth.
	 */
	private static final int LONGER = 4;

	/**
	 * Longer than what Concord makes up for, which would be counted without being earned.
	 */
	private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final long WAITS_NANOS = TimeUnit.SECONDS.toNanos(10);

	private static final String CPU = "CPU, ns each";

	@Override
	public String name() {
		return "ids";
	}

	@Override
	public Report run(BenchmarkRun group) throws Exception {
		BenchmarkRun run = group.longer(LONGER);
		List<IdContender> contenders = IdContender.of(Kind.TWELVE_BITS, Kind.MORE_BITS, Kind.SEGMENT, Kind.FLOOR);
		Map<Integer, Rates<IdContender>> rates = new TreeMap<>();
		THREADS.forEach((threads) -> rates.put(threads, new Rates<>()));
		Rates<IdContender> cpu = new Rates<>();
		Map<IdContender, WorkerProcess> workers = new EnumMap<>(IdContender.class);
		try {
			for (IdContender contender : contenders) {
				WorkerProcess worker = WorkerProcess.start(Addresses.NONE, JVM_ARGUMENTS);
				workers.put(contender, worker);
				for (int i = 0; i < WARM_UPS; i++) {
					for (int threads : THREADS) {
						measure(worker, contender, threads, WARM_UP_NANOS);
					}
				}
				BenchmarkRun.say("ids: %s is warm", contender.title());
			}
			for (int round = 0; round < run.rounds(); round++) {
				for (IdContender contender : BenchmarkRun.order(contenders, round)) {
					for (int threads : THREADS) {
						List<Long> measured = measure(Objects.requireNonNull(workers.get(contender)), contender,
								threads, run.nanos());
						Objects.requireNonNull(rates.get(threads)).add(contender, measured.get(0) * 1e9 / run.nanos());
						cpu.add(contender, measured.get(1) / (double) Math.max(1, measured.get(0)));
					}
				}
			}
		}
		finally {
			for (WorkerProcess worker : workers.values()) {
				worker.close();
			}
		}
		return new Report(List.of(rates(contenders, rates, cpu), waits()), gates(contenders, rates));
	}

	private static List<Long> measure(WorkerProcess worker, IdContender contender, int threads, long nanos) {
		worker.ask("ids", contender.name(), threads, System.nanoTime() + IDLE_NANOS, nanos);
		return worker.numbers();
	}

	private static Table rates(List<IdContender> contenders, Map<Integer, Rates<IdContender>> rates,
			Rates<IdContender> cpu) {
		List<String> columns = new ArrayList<>(List.of("million ids a second"));
		THREADS.forEach((threads) -> columns.add((threads == 1) ? "1 thread" : threads + " threads"));
		columns.add(CPU);
		Table table = new Table("Ids in one process", columns);
		for (IdContender contender : contenders) {
			List<String> row = new ArrayList<>(List.of(contender.title()));
			rates.values().forEach((rate) -> {
				Series series = rate.of(contender);
				row.add(String.format(Locale.ROOT, "%.2f ± %.1f %%", series.median() / MILLION, series.spread() * 100));
			});
			row.add(String.format(Locale.ROOT, "%.1f", cpu.of(contender).median()));
			table.add(row);
		}
		return table;
	}

	private static Table waits() throws IOException {
		Table table = new Table("A call of the store takes 5 ms, one thread, as fast as it can: a call takes at most",
				List.of("µs", "p50", "p99", "p99.9", "p99.99", "most"));
		for (IdContender contender : IdContender.of(Kind.SLOW_STORE)) {
			try (WorkerProcess worker = WorkerProcess.start(Addresses.NONE, JVM_ARGUMENTS)) {
				List<String> row = new ArrayList<>(List.of(contender.title()));
				for (int i = 0; i < 2; i++) {
					worker.ask("id-waits", contender.name(), WAITS_NANOS / 2);
					worker.numbers();
				}
				worker.ask("id-waits", contender.name(), WAITS_NANOS);
				worker.numbers()
					.forEach((nanos) -> row
						.add(String.format(Locale.ROOT, (nanos < 10_000) ? "%.2f" : "%,.0f", nanos / 1e3)));
				table.add(row);
			}
		}
		return table;
	}

	private static List<Gate> gates(List<IdContender> contenders, Map<Integer, Rates<IdContender>> rates) {
		List<Gate> gates = new ArrayList<>();
		List<IdContender> snowflakes = contenders.stream()
			.filter((one) -> !one.isConcord() && (one.kind() == Kind.TWELVE_BITS || one.kind() == Kind.MORE_BITS))
			.toList();
		rates.forEach((threads, rate) -> {
			String when = ", threads: " + threads;
			gates.add(new Gate("12 bits, as a share of the 4.096 million a second that there are" + when,
					rate.of(IdContender.CONCORD_12).median() / MOST_OF_TWELVE_BITS, 0.99));
			if (threads <= 2) {
				IdContender best = rate.best(snowflakes);
				gates.add(new Gate("16 bits against the best peer, " + best.title() + when,
						rate.ratio(IdContender.CONCORD_16, best), 1));
				gates.add(new Gate("segment against CosId's segment chain" + when,
						rate.ratio(IdContender.CONCORD_SEGMENT, IdContender.COSID_CHAIN), (threads == 1) ? 1.2 : 5));
			}
		});
		return gates;
	}

}
