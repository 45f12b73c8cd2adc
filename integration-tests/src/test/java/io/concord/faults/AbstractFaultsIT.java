package io.concord.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.concord.test.faults.Fault;
import io.concord.test.faults.FaultRun;
import io.concord.test.faults.FaultSchedule;
import io.concord.test.faults.FaultTable;
import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.NetworkFaults;
import io.concord.test.faults.Operation;
import io.concord.test.net.TcpProxy;
import io.concord.test.server.MovableClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Locks, elections, ids or rates on one kind of store: several processes of several
 * threads, while processes, the network and the store fail. {@code -Dfaults.minutes} says
 * how long all cases together take, and then some faults come together; without it, each
 * takes one round of all faults. {@code -Dfaults.seed} gives another schedule.
 */
abstract class AbstractFaultsIT {

	/** The tag of cases for which the default build has no time. */
	static final String ONLY_LONG_RUNS = "only-long-runs";

	/** Concrete classes, between which the minutes are shared. */
	private static final int CASES = 18;

	static final Duration STORE_TIMEOUT = Duration.ofMillis(500);

	private static final String CLOCK_JUMPS = "store's clock jumps";

	private static final Duration JUMP = Duration.ofHours(1);

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final List<List<TcpProxy>> networks = new ArrayList<>();

	private final Work work;

	private final String name;

	private boolean storeHasClock;

	private @Nullable MovableClock storeClock;

	AbstractFaultsIT(String store, Work work) {
		this.work = work;
		this.name = (work == Work.LOCKS) ? store : store + " " + work.option();
	}

	/** Starts what is needed. */
	abstract void start() throws Exception;

	/** Options of a worker that is in a slot. */
	abstract List<String> options(int slot);

	/** Faults of the store, but for jumps of its clock. */
	abstract List<Fault> storeFaults();

	/** Whether a round without a time has the faults only that are soon over. */
	boolean isBrief() {
		return false;
	}

	/** What is said of the store in the table. */
	abstract String describe();

	/** Faults that lose what the store has acknowledged. */
	List<String> lossyFaults() {
		return List.of();
	}

	/**
	 * If the store's clock is ahead, leases end at once. If it is back, they end when it
	 * is back home.
	 */
	private Rules.Excuses excuses() {
		return new Rules.Excuses(lossyFaults(), List.of(CLOCK_JUMPS));
	}

	/** Kinds of ids that may come twice, as the store loses what it has acknowledged. */
	Set<String> lossyIds() {
		return Set.of();
	}

	/** Faults that are not among them, and why. */
	private String skippedFaults() {
		if (this.storeClock != null) {
			return "none";
		}
		return CLOCK_JUMPS + (this.storeHasClock ? ": no libfaketime here" : ": leases don't go by it");
	}

	/** Starts a store whose wall clock leases go by: one that jumps, if it can be had. */
	final <S extends AutoCloseable> S startWithClock(Function<MovableClock, S> movable, Supplier<S> fixed) {
		this.storeHasClock = true;
		MovableClock.create().ifPresent((clock) -> this.storeClock = closing(clock));
		return closing((this.storeClock != null) ? movable.apply(this.storeClock) : fixed.get());
	}

	/** The clock of what was started so. */
	final @Nullable MovableClock storeClock() {
		return this.storeClock;
	}

	/** How long a lease outlives its holder. */
	Duration leaseTime() {
		return Duration.ofSeconds(2);
	}

	Duration recoveryBound() {
		return leaseTime().plusSeconds(1);
	}

	@AfterEach
	void closeAll() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

	@Test
	void promisesHoldWhateverFails() throws Exception {
		long seed = Long.getLong("faults.seed", 20_260);
		start();
		Path results = Path.of(System.getProperty("faults.directory", "target/faults"));
		Path directory = deleted(results.resolve(this.name.replace(' ', '-')));
		List<Finding> findings = new ArrayList<>();
		Map<String, String> cells = new LinkedHashMap<>();
		try (FaultRun run = new FaultRun(seed, directory, LeaseWorker.class, this.work.workers(), this.work.threads(),
				(slot, command) -> command.arguments(options(slot).toArray(String[]::new))
					.arguments("lease=" + leaseTime().toMillis(), "timeout=" + STORE_TIMEOUT.toMillis(),
							"workers=" + this.work.workers(), "does=" + this.work.option()))) {
			Duration share = share();
			List<Fault> faults = faults(run, share != null);
			FaultSchedule schedule = FaultSchedule.draw(seed, faults, rounds(seed, faults, share));
			System.out.println(this.name + ": " + schedule.steps().size() + " faults in some "
					+ schedule.length().toSeconds() + " s, -Dfaults.seed=" + seed);
			long begin = System.nanoTime();
			run.goThrough(schedule, faults, (share != null) ? share : schedule.length().multipliedBy(10));
			History history = run.finish();
			if (share == null) {
				assertThat(history.of(History.FAULT)).as("each fault came, and ended")
					.allMatch(Operation::isOk)
					.extracting(Operation::key)
					.containsExactlyInAnyOrderElementsOf(faults.stream().map(Fault::name).toList());
			}
			Duration took = Duration.ofNanos(System.nanoTime() - begin);
			Rules rules = judge(history, directory);
			// Behind the semicolon is what ids and rates have no use for.
			cells.put("store", this.work.isGuarded() ? describe() : describe().split(";")[0]);
			cells.put("time, seed", took.toSeconds() + " s, " + seed);
			cells.put("kinds of faults, skipped", faults.size() + ", " + skippedFaults());
			cells.putAll(rules.cells());
			if (this.work != Work.COSID) {
				findings.addAll(rules.findings());
			}
			run.unexpected().forEach((error) -> findings.add(new Finding(error, List.of())));
		}
		cells.put("findings", Integer.toString(findings.size()));
		FaultTable table = new FaultTable(results);
		table.add(this.name, cells);
		System.out.println(table.toMarkdown());
		assertThat(findings).as("%s, seed %d, history in %s", this.name, seed, directory).isEmpty();
	}

	private Rules judge(History history, Path directory) {
		return switch (this.work) {
			case LOCKS -> new LockRules(history, STORE_TIMEOUT, leaseTime(), recoveryBound(), excuses());
			case ELECTIONS -> new ElectionRules(history, leaseTime(), recoveryBound(), excuses());
			case IDS -> new IdRules(history, leaseTime(), directory, IdWorkload.KINDS, lossyIds());
			case COSID -> new IdRules(history, leaseTime(), directory, CosIdSources.KINDS, lossyIds());
			case RATES -> new RateRules(history, leaseTime(), excuses());
		};
	}

	private List<Fault> faults(FaultRun run, boolean together) {
		if (!together && isBrief()) {
			return briefFaults(run);
		}
		Duration pastTheLease = leaseTime().multipliedBy(3).dividedBy(2);
		Fault pause = run.workerPause(pastTheLease);
		List<Fault> faults = new ArrayList<>(List.of(pause, run.workerKill(recoveryBound().plusMillis(500)),
				run.workerClockJump(Duration.ofMillis(800))));
		faults.addAll(NetworkFaults.of(this.networks, Duration.ofMillis(1_200)));
		if (this.work == Work.ELECTIONS) {
			faults.add(NetworkFaults.partition(this.networks, pastTheLease));
		}
		if (this.work == Work.RATES) {
			faults.add(NetworkFaults.distance(this.networks, Duration.ofMillis(1_200)));
		}
		if (this.work.takesIds()) {
			faults.add(run.workerPauseAndReplacement(pastTheLease));
		}
		List<Fault> ofStore = new ArrayList<>(storeFaults());
		ofStore.addAll(clockJumps());
		faults.addAll(ofStore);
		if (together) {
			ofStore.forEach((fault) -> faults.add(pause.and(fault)));
		}
		return faults;
	}

	/** What takes no time to be told apart from its end: nobody waits for a lease. */
	private List<Fault> briefFaults(FaultRun run) {
		Duration length = Duration.ofMillis(500);
		List<Fault> faults = new ArrayList<>(List.of(run.workerPause(length), run.workerKill(length),
				run.workerClockJump(length), NetworkFaults.distance(this.networks, length)));
		faults.addAll(storeFaults());
		faults.addAll(clockJumps());
		return faults;
	}

	private List<Fault> clockJumps() {
		MovableClock clock = this.storeClock;
		return (clock == null) ? List.of() : List.of(new Fault(CLOCK_JUMPS, Duration.ofSeconds(1),
				(target) -> clock.move((target % 2 == 0) ? JUMP : JUMP.negated()), () -> clock.move(Duration.ZERO)));
	}

	/** Of this case; null for one round. */
	private static @Nullable Duration share() {
		Integer minutes = Integer.getInteger("faults.minutes");
		return (minutes != null) ? Duration.ofMinutes(minutes).dividedBy(CASES) : null;
	}

	private static int rounds(long seed, List<Fault> faults, @Nullable Duration share) {
		int rounds = 1;
		while (share != null && FaultSchedule.draw(seed, faults, rounds).length().compareTo(share) < 0) {
			rounds++;
		}
		return rounds;
	}

	private static Path deleted(Path directory) {
		if (Files.exists(directory)) {
			try (Stream<Path> paths = Files.walk(directory)) {
				for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
					Files.delete(path);
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		return directory;
	}

	/** Gives every worker a network of its own to a server, and the network's faults. */
	final void proxies(String host, int port) {
		for (int slot = 0; slot < this.work.workers(); slot++) {
			if (this.networks.size() <= slot) {
				this.networks.add(new ArrayList<>());
			}
			this.networks.get(slot).add(closing(TcpProxy.to(host, port)));
		}
	}

	final int workers() {
		return this.work.workers();
	}

	final List<List<TcpProxy>> networks() {
		return this.networks;
	}

	final List<TcpProxy> proxies(int slot) {
		return this.networks.get(slot);
	}

	final TcpProxy proxy(int slot) {
		return proxies(slot).get(0);
	}

	final <T extends AutoCloseable> T closing(T closeable) {
		this.open.push(closeable);
		return closeable;
	}

}
