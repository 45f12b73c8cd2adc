package io.concord.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * How long nobody leads when the leader ends, what an election costs in which nothing
 * happens, and how long a leader that stood still takes itself for the leader when
 * another one leads. Two processes stand for the elections of all contenders at the same
 * time, so that one that dies or stands still does so for all.
 */
final class ElectionGroup implements BenchmarkGroup {

	private static final Duration LEASE_TIME = Duration.ofSeconds(5);

	private static final Duration IDLE_LEASE_TIME = Duration.ofSeconds(15);

	private static final int IDLE_CANDIDATES = 10;

	/** Until who has joined stands in line, and listens. */
	private static final long SETTLED_MILLIS = 2_000;

	/** Until a leader that stood still has surely seen that it does not lead. */
	private static final long SEEN_MILLIS = 3_000;

	private static final int IDLE_SLICES = 200;

	/** A take-over after a kill takes the time of many after a clean exit. */
	private static final int LONGER_KILL = 4;

	private static final double MOST_MILLIS = 200;

	private static final List<ElectionContender> CONTENDERS = List.of(ElectionContender.values());

	@Override
	public String name() {
		return "election";
	}

	@Override
	public Report run(BenchmarkRun run) throws Exception {
		Figures figures = new Figures();
		Addresses addresses = run.servers().start(Store.values());
		try (Pair pair = new Pair(run, addresses)) {
			for (int round = -1; round < run.rounds(); round++) {
				for (ElectionContender contender : BenchmarkRun.order(CONTENDERS, round)) {
					double millis = pair.cleanExit(contender);
					if (round >= 0) {
						figures.exits.add(contender, millis);
					}
				}
			}
		}
		BenchmarkRun.say("election: clean exits: %s", figures.exits);
		int rare = run.longer(LONGER_KILL).rounds();
		try (Pair pair = new Pair(run, addresses)) {
			for (int round = 0; round < rare; round++) {
				pair.kill(figures.kills);
			}
			BenchmarkRun.say("election: kills: %s", figures.kills);
			for (int round = 0; round < rare; round++) {
				pair.pause(figures.falseLooks, figures.falseMillis);
			}
			BenchmarkRun.say("election: false leaders: %s, ms: %s", figures.falseLooks, figures.falseMillis);
		}
		for (ElectionContender contender : CONTENDERS) {
			try (WorkerProcess worker = run.startWorker(addresses)) {
				figures.calls.put(contender, idle(run, worker, contender));
			}
		}
		return report(figures);
	}

	private static StoreCalls idle(BenchmarkRun run, WorkerProcess worker, ElectionContender contender)
			throws Exception {
		worker.ask("stand", contender, IDLE_CANDIDATES, IDLE_LEASE_TIME.toMillis());
		worker.answer();
		TimeUnit.MILLISECONDS.sleep(SETTLED_MILLIS);
		StoreCalls calls = StoreCalls.countAMinute(run, contender.store(), List.of(worker), run.millis() * IDLE_SLICES);
		BenchmarkRun.say("election: %s, idle: %s", contender.title(), calls.cell());
		return calls;
	}

	private static Report report(Figures figures) {
		Table takeOvers = new Table("Another leads after the leader has ended",
				List.of("election", "clean exit, ms", "longest, ms", "killed, ms", "longest, ms"));
		Table idle = new Table(
				"An election of " + IDLE_CANDIDATES
						+ " candidates in which nothing happens, and a leader that stood still",
				List.of("election", "store calls a minute (commands)",
						"looks that found two leaders, each ms, after a pause of 3 × TTL", "the last of them, ms"));
		List<Gate> gates = new ArrayList<>();
		for (ElectionContender contender : CONTENDERS) {
			Series exits = figures.exits.of(contender);
			Series kills = figures.kills.of(contender);
			Series looks = figures.falseLooks.of(contender);
			takeOvers.add(List.of(contender.title(), cell(exits), number(exits.percentile(1)), cell(kills),
					number(kills.percentile(1))));
			idle.add(List.of(contender.title(), Objects.requireNonNull(figures.calls.get(contender)).cell(),
					number(looks.percentile(1)), number(figures.falseMillis.of(contender).percentile(1))));
			if (contender.isOurs()) {
				gates.add(new Gate(contender.title() + ": " + (int) MOST_MILLIS + " ms to the p99 after a clean exit",
						MOST_MILLIS / exits.percentile(0.99), 1));
				gates.add(new Gate(contender.title() + ": lease time and 1 s to the longest after a kill",
						LEASE_TIME.plusSeconds(1).toMillis() / kills.percentile(1), 1));
				gates.add(new Gate(contender.title() + ": rounds without a false leader, as a share",
						looks.share((count) -> count == 0), 1));
			}
		}
		return new Report(List.of(takeOvers, idle), gates);
	}

	private static String cell(Series series) {
		return String.format(Locale.ROOT, "%s ± %.0f %%", number(series.median()), series.spread() * 100);
	}

	private static String number(double value) {
		return String.format(Locale.ROOT, (value < 100) ? "%.1f" : "%,.0f", value);
	}

	private static final class Figures {

		/** Milliseconds. */
		final Measured exits = new Measured();

		/** Milliseconds. */
		final Measured kills = new Measured();

		final Measured falseLooks = new Measured();

		final Measured falseMillis = new Measured();

		final Map<ElectionContender, StoreCalls> calls = new EnumMap<>(ElectionContender.class);

	}

	/** What each contender was measured at, round by round. */
	private static final class Measured {

		private final Map<ElectionContender, List<Double>> values = new EnumMap<>(ElectionContender.class);

		void add(ElectionContender contender, double value) {
			this.values.computeIfAbsent(contender, (absent) -> new ArrayList<>()).add(value);
		}

		Series of(ElectionContender contender) {
			return Series.of(this.values.getOrDefault(contender, List.of()));
		}

		@Override
		public String toString() {
			return this.values.toString();
		}

	}

	/**
	 * Two processes that stand for all elections. At first one leads them all; who leads
	 * which is in {@code leaders}.
	 */
	private static final class Pair implements AutoCloseable {

		private final BenchmarkRun run;

		private final Addresses addresses;

		private final List<WorkerProcess> workers = new ArrayList<>();

		private final Map<ElectionContender, Integer> leaders = new EnumMap<>(ElectionContender.class);

		Pair(BenchmarkRun run, Addresses addresses) throws Exception {
			this.run = run;
			this.addresses = addresses;
			try {
				this.workers.add(start());
				for (ElectionContender contender : CONTENDERS) {
					this.leaders.put(contender, 0);
					awaitLeadership(0, contender);
				}
				this.workers.add(start());
				TimeUnit.MILLISECONDS.sleep(SETTLED_MILLIS);
			}
			catch (Exception ex) {
				close();
				throw ex;
			}
		}

		private WorkerProcess start() throws IOException {
			WorkerProcess worker = this.run.startWorker(this.addresses);
			CONTENDERS.forEach((contender) -> stand(worker, contender));
			return worker;
		}

		private static void stand(WorkerProcess worker, ElectionContender contender) {
			worker.ask("stand", contender, 1, LEASE_TIME.toMillis());
			worker.answer();
		}

		private int leader(ElectionContender contender) {
			return Objects.requireNonNull(this.leaders.get(contender));
		}

		private long awaitLeadership(int number, ElectionContender contender) {
			WorkerProcess worker = this.workers.get(number);
			worker.ask("await-leadership", contender);
			return worker.numbers().get(0);
		}

		/** The leader leaves, and stands at the end of the line again. */
		double cleanExit(ElectionContender contender) throws Exception {
			int before = leader(contender);
			WorkerProcess leaving = this.workers.get(before);
			leaving.ask("leave", contender);
			long begin = leaving.numbers().get(0);
			long led = awaitLeadership(1 - before, contender);
			this.leaders.put(contender, 1 - before);
			stand(leaving, contender);
			TimeUnit.MILLISECONDS.sleep(SETTLED_MILLIS / CONTENDERS.size());
			return (led - begin) / 1e6;
		}

		/** All elections have the same leader, before and after. */
		void kill(Measured millis) throws Exception {
			int before = leader(CONTENDERS.get(0));
			long begin = System.nanoTime();
			this.workers.get(before).kill();
			for (ElectionContender contender : CONTENDERS) {
				millis.add(contender, (awaitLeadership(1 - before, contender) - begin) / 1e6);
				this.leaders.put(contender, 1 - before);
			}
			this.workers.get(before).close();
			this.workers.set(before, start());
			TimeUnit.MILLISECONDS.sleep(SETTLED_MILLIS);
		}

		/** As above. */
		void pause(Measured looks, Measured millis) throws Exception {
			int before = leader(CONTENDERS.get(0));
			WorkerProcess paused = this.workers.get(before);
			paused.pause();
			TimeUnit.MILLISECONDS.sleep(3 * LEASE_TIME.toMillis());
			for (ElectionContender contender : CONTENDERS) {
				awaitLeadership(1 - before, contender);
				this.leaders.put(contender, 1 - before);
			}
			long resumed = System.nanoTime();
			paused.resume();
			TimeUnit.MILLISECONDS.sleep(SEEN_MILLIS);
			for (ElectionContender contender : CONTENDERS) {
				paused.ask("led-after", contender, resumed);
				List<Long> led = paused.numbers();
				looks.add(contender, led.get(0));
				millis.add(contender, led.get(1) / 1e6);
			}
		}

		@Override
		public void close() throws IOException {
			List<WorkerProcess> all = new ArrayList<>(this.workers);
			Collections.reverse(all);
			for (WorkerProcess worker : all) {
				worker.close();
			}
		}

	}

}
