package io.concord.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One lock that everybody wants: threads of one process, of two, and a hand-over from
 * process to process.
 */
final class ContendedGroup implements BenchmarkGroup {

	private static final int FEW = 8;

	private static final int MANY = 32;

	private static final int THREADS_OF_TWO = 4;

	/** Threads that wait have to be waited for. */
	private static final int LONGER = 4;

	/** A hand-over is short and rare: it takes longer to see enough of them. */
	private static final int LONGER_HAND_OVER = 2;

	private static final long COUNTED_MILLIS = 700;

	private static final double AIM_OF_LOCAL_HAND_OVER = 20;

	/** Floors that say nothing here: what tries again is measured by the simplest. */
	private static final List<Contender> LEFT_OUT = List.of(Contender.SMALLEST_SCRIPTS, Contender.EQUAL_SCRIPTS);

	private final String name;

	private final Store store;

	ContendedGroup(String name, Store store) {
		this.name = name;
		this.store = store;
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public boolean answersTo(String word) {
		return BenchmarkGroup.super.answersTo(word) || word.equals("contended");
	}

	@Override
	public Report run(BenchmarkRun whole) throws Exception {
		BenchmarkRun run = whole.longer(LONGER);
		List<Contender> contenders = Contender.on(this.store)
			.stream()
			.filter((one) -> !LEFT_OUT.contains(one))
			.toList();
		Figures figures = new Figures();
		Addresses addresses = run.servers().start(this.store);
		try (WorkerProcess one = run.startWorker(addresses); WorkerProcess other = run.startWorker(addresses)) {
			List<WorkerProcess> both = List.of(one, other);
			for (int round = -run.warmUps(); round < run.rounds(); round++) {
				for (Contender contender : BenchmarkRun.order(contenders, round)) {
					measure(run, both, contender, (round < 0) ? new Figures() : figures);
				}
			}
			for (Contender contender : contenders) {
				String prefix = StoreCalls.prefix(this.store);
				handOvers(both, prefix, contender, COUNTED_MILLIS);
				figures.calls.put(contender, StoreCalls.count(run, this.store, both,
						() -> Math.max(1L, handOvers(both, prefix, contender, COUNTED_MILLIS).size())));
			}
		}
		return report(contenders, figures);
	}

	private void measure(BenchmarkRun run, List<WorkerProcess> both, Contender contender, Figures figures)
			throws Exception {
		long nanos = run.nanos();
		figures.few.add(contender, rate(both.subList(0, 1), contender, FEW, nanos));
		figures.many.add(contender, rate(both.subList(0, 1), contender, MANY, nanos));
		figures.two.add(contender, rate(both, contender, THREADS_OF_TWO, nanos));
		List<Double> millis = handOvers(both, "", contender, run.millis() * LONGER_HAND_OVER).stream()
			.map((one) -> one / 1e6)
			.toList();
		if (millis.isEmpty()) {
			throw new IllegalStateException(contender.title() + " handed nothing over");
		}
		figures.handOvers.computeIfAbsent(contender, (absent) -> new ArrayList<>()).addAll(millis);
	}

	private static double rate(List<WorkerProcess> workers, Contender contender, int threads, long nanos) {
		long begin = WorkerProcess.soon();
		workers.forEach((worker) -> worker.ask("throughput", contender.name(), "same", threads, begin, nanos));
		return workers.stream().mapToLong((worker) -> worker.numbers().get(0)).sum() * 1e9 / nanos;
	}

	private static List<Long> handOvers(List<WorkerProcess> both, String prefix, Contender contender, long millis)
			throws Exception {
		Path file = Files.createTempFile("concord-benchmark", ".turns");
		try {
			Files.write(file, new byte[HandOvers.FILE_SIZE]);
			for (int side = 0; side < both.size(); side++) {
				both.get(side).ask(prefix + "hand-over", contender.name(), "passed", file, side, millis);
			}
			return both.stream().flatMap((worker) -> worker.numbers().stream()).toList();
		}
		finally {
			Files.delete(file);
		}
	}

	private Report report(List<Contender> contenders, Figures figures) {
		Table rates = new Table("One key: acquired and released", List.of(this.store.title() + ", one key",
				FEW + " threads, 1/s", MANY + " threads, 1/s", "two JVMs × " + THREADS_OF_TWO + " threads, 1/s"));
		Table handOvers = new Table("Handed over from one JVM to another that waits",
				List.of(this.store.title() + ", hand-over", "p50, ms", "p99, ms", "number",
						(this.store == Store.REDIS) ? "store calls (commands)" : "store calls"));
		for (Contender contender : contenders) {
			rates.add(List.of(contender.title(), figures.few.cell(contender), figures.many.cell(contender),
					figures.two.cell(contender)));
			Series millis = figures.millis(contender);
			handOvers.add(List.of(contender.title(), format(millis.median()), format(millis.percentile(0.99)),
					Integer.toString(millis.size()), Objects.requireNonNull(figures.calls.get(contender)).cell()));
		}
		return new Report(List.of(rates, handOvers), gates(contenders, figures));
	}

	private List<Gate> gates(List<Contender> contenders, Figures figures) {
		Contender ours = Contender.concordOn(this.store);
		List<Contender> peers = contenders.stream().filter((one) -> one.role().isPeer()).toList();
		List<Gate> gates = new ArrayList<>();
		Stream.of(FEW, MANY).forEach((threads) -> {
			Rates<Contender> rates = (threads == FEW) ? figures.few : figures.many;
			Contender best = rates.best(peers);
			gates.add(new Gate("one key in one JVM, threads: " + threads + ", against the best peer, " + best.title(),
					rates.ratio(ours, best), AIM_OF_LOCAL_HAND_OVER));
		});
		Contender quickest = peers.stream()
			.min(Comparator.comparing((one) -> figures.millis(one).percentile(0.99)))
			.orElseThrow();
		gates.add(new Gate("p99 of the quickest peer, " + quickest.title() + ", to that of Concord",
				figures.millis(quickest).percentile(0.99) / figures.millis(ours).percentile(0.99), 1));
		return gates;
	}

	private static String format(double millis) {
		return String.format(Locale.ROOT, "%.2f", millis);
	}

	private static final class Figures {

		final Rates<Contender> few = new Rates<>();

		final Rates<Contender> many = new Rates<>();

		final Rates<Contender> two = new Rates<>();

		final Map<Contender, List<Double>> handOvers = new EnumMap<>(Contender.class);

		final Map<Contender, StoreCalls> calls = new EnumMap<>(Contender.class);

		Series millis(Contender contender) {
			return Series.of(Objects.requireNonNull(this.handOvers.get(contender)));
		}

	}

}
