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
 * Locks that nobody else wants: acquired and released on own keys by one thread and by
 * several.
 */
final class UncontendedGroup implements BenchmarkGroup {

	private static final int MOST_THREADS = 8;

	private static final List<Integer> THREADS = List.of(1, MOST_THREADS);

	/**
	 * Until all is compiled by the second compiler, which takes some ten thousand turns
	 * on one thread and on several, the CPU for each is several times as much.
	 */
	private static final int WARM_UPS = 6;

	private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final long LEAD_IN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final long COUNTED_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

	/** How much of a call more than budgeted is noise: keep-alives, mostly. */
	private static final double NOISE = 0.05;

	private final String name;

	private final Store store;

	/** What acquiring and releasing may cost. */
	private final int budget;

	UncontendedGroup(String name, Store store, int budget) {
		this.name = name;
		this.store = store;
		this.budget = budget;
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public Report run(BenchmarkRun run) throws Exception {
		List<Contender> contenders = Contender.on(this.store);
		Map<Integer, Rates<Contender>> rates = new TreeMap<>();
		THREADS.forEach((threads) -> rates.put(threads, new Rates<>()));
		Rates<Contender> cpu = new Rates<>();
		Map<Contender, StoreCalls> calls = new EnumMap<>(Contender.class);
		try (WorkerProcess worker = run.startWorker(run.servers().start(this.store))) {
			for (Contender contender : contenders) {
				for (int i = 0; i < WARM_UPS; i++) {
					for (int threads : THREADS) {
						measure(worker, "", contender, threads, WARM_UP_NANOS);
					}
				}
				BenchmarkRun.say("%s: %s is warm", this.name, contender.title());
			}
			for (int round = 0; round < run.rounds(); round++) {
				for (Contender contender : BenchmarkRun.order(contenders, round)) {
					for (int threads : THREADS) {
						// What the others left in the caches is theirs to answer for.
						measure(worker, "", contender, threads, LEAD_IN_NANOS);
						List<Long> measured = measure(worker, "", contender, threads, run.nanos());
						double count = Math.max(1, measured.get(0));
						Objects.requireNonNull(rates.get(threads)).add(contender, count * 1e9 / run.nanos());
						cpu.add(contender, measured.get(1) / 1e3 / count);
					}
				}
			}
			for (Contender contender : contenders) {
				String prefix = StoreCalls.prefix(this.store);
				measure(worker, prefix, contender, 1, COUNTED_NANOS);
				calls.put(contender, StoreCalls.count(run, this.store, List.of(worker),
						() -> measure(worker, prefix, contender, 1, COUNTED_NANOS).get(0) + 1));
			}
		}
		return report(contenders, rates, cpu, calls);
	}

	private List<Long> measure(WorkerProcess worker, String prefix, Contender contender, int threads, long nanos) {
		worker.ask(prefix + "throughput", contender.name(), "own", threads, WorkerProcess.soon(), nanos);
		return worker.numbers();
	}

	private Report report(List<Contender> contenders, Map<Integer, Rates<Contender>> rates, Rates<Contender> cpu,
			Map<Contender, StoreCalls> calls) {
		Contender ours = Contender.concordOn(this.store);
		List<String> columns = new ArrayList<>(List.of(this.store.title() + ", own keys"));
		THREADS.forEach((threads) -> {
			columns.add((threads == 1) ? "1 thread, 1/s" : threads + " threads, 1/s");
			columns.add("Concord is");
		});
		columns.add("CPU of the client, µs each");
		columns.add((this.store == Store.REDIS) ? "store calls (commands)" : "store calls");
		Table table = new Table("Acquired and released, nobody else wants it", columns);
		for (Contender contender : contenders) {
			List<String> row = new ArrayList<>(List.of(contender.title()));
			rates.values().forEach((rate) -> {
				row.add(rate.cell(contender));
				row.add((contender == ours) ? "" : String.format(Locale.ROOT, "× %.2f", rate.ratio(ours, contender)));
			});
			row.add(cpu.cell(contender));
			row.add(Objects.requireNonNull(calls.get(contender)).cell());
			table.add(row);
		}
		return new Report(List.of(table), gates(contenders, rates, calls));
	}

	private List<Gate> gates(List<Contender> contenders, Map<Integer, Rates<Contender>> rates,
			Map<Contender, StoreCalls> calls) {
		Contender ours = Contender.concordOn(this.store);
		List<Gate> gates = new ArrayList<>();
		gates.add(new Gate("store calls to acquire and release, as a share of the budget of " + this.budget,
				this.budget / Objects.requireNonNull(calls.get(ours)).calls(), 1 - NOISE));
		rates.forEach((threads, rate) -> {
			String when = ", threads: " + threads;
			if (this.store == Store.REDIS) {
				gates.add(new Gate("against two equal EVALSHA" + when, rate.ratio(ours, Contender.EQUAL_SCRIPTS), 0.9));
				gates.add(new Gate("against the token-less floor" + when, rate.ratio(ours, Contender.SET_NX), 0.7));
			}
			Contender best = rate.best(contenders.stream().filter((one) -> one.role() == Contender.Role.PEER).toList());
			gates.add(new Gate("against the best peer that renews or queues, " + best.title() + when,
					rate.ratio(ours, best), 1));
		});
		return gates;
	}

}
