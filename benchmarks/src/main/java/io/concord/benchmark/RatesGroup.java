package io.concord.benchmark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.concord.benchmark.RateContender.Place;
import io.concord.benchmark.RateContender.Role;

/**
 * Decisions of rate limits a second: in Redis, in PostgreSQL and in the memory of a
 * process.
 */
final class RatesGroup implements BenchmarkGroup {

	private static final List<RateScenario> SCENARIOS = List.of(RateScenario.values());

	private static final List<RateScenario> ADMITTED = SCENARIOS.stream()
		.filter((scenario) -> scenario != RateScenario.FLOOD)
		.toList();

	private static final long WARM_UP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	/**
	 * Of calls to a server there are few in that time, and code that has run some hundred
	 * times uses several times as much CPU.
	 */
	private static final int REMOTE_WARM_UPS = 10;

	private static final long COUNTED_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

	/** How much of a call more than budgeted is noise: keep-alives, mostly. */
	private static final double NOISE = 0.05;

	/** There are many cells. */
	private static final int FEWER = 2;

	@Override
	public String name() {
		return "ratelimit";
	}

	@Override
	public Report run(BenchmarkRun group) throws Exception {
		BenchmarkRun run = new BenchmarkRun(group.servers(), Math.max(1, group.rounds() / FEWER), group.nanos());
		List<Table> tables = new ArrayList<>();
		List<Gate> gates = new ArrayList<>();
		measure(run, Place.REDIS, Store.REDIS, tables, gates);
		measure(run, Place.POSTGRES, Store.POSTGRES, tables, gates);
		local(run, tables, gates);
		return new Report(tables, gates);
	}

	/** All contenders on a server in one JVM. */
	private void measure(BenchmarkRun run, Place place, Store store, List<Table> tables, List<Gate> gates)
			throws Exception {
		try (WorkerProcess worker = run.startWorker(run.servers().start(store))) {
			Map<RateContender, WorkerProcess> workers = new EnumMap<>(RateContender.class);
			RateContender.at(place).forEach((contender) -> workers.put(contender, worker));
			for (RateContender contender : workers.keySet()) {
				for (int i = 0; i < REMOTE_WARM_UPS; i++) {
					measure(worker, "", contender, RateScenario.MANY_8, WARM_UP_NANOS);
				}
			}
			Figures figures = measure(run, workers);
			Map<RateContender, StoreCalls> calls = new EnumMap<>(RateContender.class);
			for (RateContender contender : workers.keySet()) {
				String prefix = StoreCalls.prefix(store);
				measure(worker, prefix, contender, RateScenario.HOT_1, COUNTED_NANOS);
				calls.put(contender, StoreCalls.count(run, store, List.of(worker),
						() -> measure(worker, prefix, contender, RateScenario.HOT_1, COUNTED_NANOS).get(0) + 1));
			}
			tables.add(table(place, figures, calls));
			gates.addAll(gates(place, figures, calls));
		}
	}

	/**
	 * Each has a JVM of its own: to be called by a detour costs more than some decisions.
	 */
	private void local(BenchmarkRun run, List<Table> tables, List<Gate> gates) throws IOException {
		Map<RateContender, WorkerProcess> workers = new EnumMap<>(RateContender.class);
		try {
			for (RateContender contender : RateContender.at(Place.LOCAL)) {
				workers.put(contender, run.startWorker(Addresses.NONE));
			}
			Figures figures = measure(run, workers);
			tables.add(table(Place.LOCAL, figures, Map.of()));
			for (RateScenario scenario : ADMITTED) {
				gates.add(new Gate("in one process against resilience4j, " + scenario.title(),
						figures.ratio(scenario, RateContender.LOCAL_CONCORD, RateContender.LOCAL_RESILIENCE4J), 1));
			}
		}
		finally {
			for (WorkerProcess worker : workers.values()) {
				worker.close();
			}
		}
	}

	private Figures measure(BenchmarkRun run, Map<RateContender, WorkerProcess> workers) {
		List<RateContender> contenders = List.copyOf(workers.keySet());
		Figures figures = new Figures();
		workers.forEach((contender, worker) -> {
			SCENARIOS.forEach((scenario) -> measure(worker, "", contender, scenario, WARM_UP_NANOS));
			BenchmarkRun.say("%s: %s is warm", name(), contender);
		});
		for (int round = 0; round < run.rounds(); round++) {
			for (RateContender contender : BenchmarkRun.order(contenders, round)) {
				for (RateScenario scenario : SCENARIOS) {
					List<Long> measured = measure(Objects.requireNonNull(workers.get(contender)), "", contender,
							scenario, run.nanos());
					double count = Math.max(1, measured.get(0));
					figures.of(scenario).add(contender, count * 1e9 / run.nanos());
					if (scenario == RateScenario.MANY_8) {
						figures.cpu.add(contender, measured.get(1) / 1e3 / count);
					}
				}
			}
		}
		return figures;
	}

	private static List<Long> measure(WorkerProcess worker, String prefix, RateContender contender,
			RateScenario scenario, long nanos) {
		worker.ask(prefix + "rates", contender.name(), scenario.name(), WorkerProcess.soon(), nanos);
		return worker.numbers();
	}

	private static Table table(Place place, Figures figures, Map<RateContender, StoreCalls> calls) {
		List<String> columns = new ArrayList<>(List.of(place.title() + ", 1/s"));
		SCENARIOS.forEach((scenario) -> columns.add(scenario.title()));
		columns.add("CPU of the client, µs each");
		if (!calls.isEmpty()) {
			columns.add((place == Place.REDIS) ? "store calls (commands)" : "store calls");
		}
		Table table = new Table("Decisions of rate limits", columns);
		for (RateContender contender : RateContender.at(place)) {
			List<String> row = new ArrayList<>(List.of(contender.title()));
			SCENARIOS.forEach((scenario) -> row.add(figures.of(scenario).cell(contender)));
			row.add(String.format(Locale.ROOT, "%.2f", figures.cpu.of(contender).median()));
			if (!calls.isEmpty()) {
				row.add(Objects.requireNonNull(calls.get(contender)).cell());
			}
			table.add(row);
		}
		return table;
	}

	private static List<Gate> gates(Place place, Figures figures, Map<RateContender, StoreCalls> calls) {
		RateContender ours = RateContender.at(place, Role.CONCORD).get(0);
		RateContender ahead = RateContender.at(place, Role.AHEAD).get(0);
		List<RateContender> peers = RateContender.at(place, Role.PEER);
		List<Gate> gates = new ArrayList<>();
		gates.add(new Gate(place.title() + ": one store call to a decision, as a share of those made",
				1 / Objects.requireNonNull(calls.get(ours)).calls(), 1 - NOISE));
		for (RateScenario scenario : ADMITTED) {
			for (RateContender floor : RateContender.at(place, Role.FLOOR)) {
				gates.add(new Gate(place.title() + ": against the bare EVALSHA, " + scenario.title(),
						figures.ratio(scenario, ours, floor), 0.9));
			}
			RateContender best = figures.of(scenario).best(peers);
			boolean hot = place == Place.POSTGRES && scenario == RateScenario.HOT_8;
			gates.add(
					new Gate(place.title() + ": against the best exact peer, " + best.title() + ", " + scenario.title(),
							figures.ratio(scenario, ours, best), hot ? 2 : 1));
		}
		RateContender flooded = figures.of(RateScenario.FLOOD).best(peers);
		gates.add(new Gate(place.title() + ": flood against the best peer, " + flooded.title(),
				figures.ratio(RateScenario.FLOOD, ours, flooded), 100));
		RateContender best = figures.of(RateScenario.HOT_8).best(peers);
		gates.add(new Gate(place.title() + ": 5 % declared, against the best exact peer, " + best.title() + ", "
				+ RateScenario.HOT_8.title(), figures.ratio(RateScenario.HOT_8, ahead, best), 20));
		return gates;
	}

	/** What was measured, not thread-safe. */
	private static final class Figures {

		private final Map<RateScenario, Rates<RateContender>> rates = new EnumMap<>(RateScenario.class);

		private final Rates<RateContender> cpu = new Rates<>();

		Figures() {
			Arrays.stream(RateScenario.values()).forEach((scenario) -> this.rates.put(scenario, new Rates<>()));
		}

		Rates<RateContender> of(RateScenario scenario) {
			return Objects.requireNonNull(this.rates.get(scenario));
		}

		double ratio(RateScenario scenario, RateContender one, RateContender other) {
			return of(scenario).ratio(one, other);
		}

	}

}
