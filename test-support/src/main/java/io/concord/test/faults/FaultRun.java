package io.concord.test.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.concord.test.process.JavaCommand;
import io.concord.test.process.WatchedProcess;

/**
 * A run of several worker JVMs through faults. Belongs to one thread.
 */
public final class FaultRun implements AutoCloseable {

	/** What the runner writes of a worker that it has killed. */
	public static final String KILL = "kill";

	private static final Duration START_BOUND = Duration.ofSeconds(180);

	private static final Duration COMMAND_BOUND = Duration.ofSeconds(120);

	private static final Duration CLOCK_JUMP = Duration.ofHours(1);

	private final long seed;

	private final Path directory;

	private final BiFunction<Integer, JavaCommand, JavaCommand> options;

	private final Class<?> mainClass;

	private final int threads;

	private final ServerSocket runner;

	private final HistoryWriter history;

	private final StallMonitor monitor;

	/** By their slots; one that was killed is followed by another one. */
	private final List<FaultyWorker> workers = new ArrayList<>();

	private final List<FaultyWorker> former = new ArrayList<>();

	private int started;

	/** What a fault of a worker has chosen. */
	private int chosen;

	/**
	 * Starts the workers, and returns when all of them work.
	 * @param seed what everything is drawn from
	 * @param directory where the history goes: there is none yet
	 * @param mainClass of the workers; calls {@link FaultWorker#run}
	 * @param count how many workers
	 * @param threads how many threads each has
	 * @param options adds options, as {@code name=value}, to the command of a slot, from
	 * 0 on
	 */
	public FaultRun(long seed, Path directory, Class<?> mainClass, int count, int threads,
			BiFunction<Integer, JavaCommand, JavaCommand> options) {
		this.seed = seed;
		this.directory = directory;
		this.mainClass = mainClass;
		this.threads = threads;
		this.options = options;
		try {
			this.runner = new ServerSocket();
			this.runner.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			this.runner.setSoTimeout((int) START_BOUND.toMillis());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.history = new HistoryWriter(directory.resolve("runner.jsonl"), 0, seed);
		this.monitor = new StallMonitor(this.history);
		try {
			Map<Integer, WatchedProcess> starting = new HashMap<>();
			for (int slot = 0; slot < count; slot++) {
				starting.put(slot + 1, launch(slot));
			}
			Map<Integer, FaultyWorker> ready = new HashMap<>();
			for (int i = 0; i < count; i++) {
				FaultyWorker worker = welcome(starting);
				ready.put(worker.number(), worker);
			}
			for (int slot = 0; slot < count; slot++) {
				this.workers.add(ready.get(slot + 1));
			}
		}
		catch (RuntimeException | Error ex) {
			close();
			throw ex;
		}
	}

	private WatchedProcess launch(int slot) {
		this.started++;
		JavaCommand command = JavaCommand.mainClass(this.mainClass)
			.jvmArguments("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
			.arguments("worker=" + this.started, "seed=" + this.seed, "history=" + this.directory,
					"runner=" + this.runner.getLocalPort(), "threads=" + this.threads);
		return this.options.apply(slot, command).start();
	}

	/** Whichever of them comes first. */
	private FaultyWorker welcome(Map<Integer, WatchedProcess> starting) {
		try {
			Socket socket = this.runner.accept();
			socket.setSoTimeout((int) START_BOUND.toMillis());
			BufferedReader answers = new BufferedReader(
					new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
			String greeting = String.valueOf(answers.readLine());
			int number = Integer.parseInt(greeting.substring(greeting.indexOf(' ') + 1));
			WatchedProcess process = starting.get(number);
			if (process == null) {
				throw new IllegalStateException("Nobody knows who said " + greeting);
			}
			return new FaultyWorker(number, process, socket, answers, greeting);
		}
		catch (IOException | NumberFormatException ex) {
			String output = starting.values().stream().map(WatchedProcess::describe).collect(Collectors.joining("\n"));
			starting.values().forEach(WatchedProcess::close);
			throw new AssertionError("No worker got ready: " + output, ex);
		}
	}

	/**
	 * Goes through faults, one after the other, and brings each to its end.
	 * @param schedule which come when
	 * @param faults those that it names
	 * @param atMost no fault begins after that time
	 */
	public void goThrough(FaultSchedule schedule, List<Fault> faults, Duration atMost) {
		long begin = System.nanoTime();
		Map<String, Fault> byName = faults.stream().collect(Collectors.toMap(Fault::name, Function.identity()));
		for (FaultSchedule.Step step : schedule.steps()) {
			Fault fault = byName.get(step.fault());
			if (fault == null) {
				throw new IllegalArgumentException("The schedule names a fault that is not given: " + step.fault());
			}
			if (System.nanoTime() - begin > atMost.toNanos()) {
				return;
			}
			pass(step.calm());
			HistoryWriter.Begun begun = this.history.begin(0, History.FAULT, fault.name(), 0);
			fault.begin().accept(step.target());
			pass(step.length());
			fault.end().run();
			begun.end(Operation.Outcome.OK);
		}
	}

	/** The run's time, and not a wait for something to happen. */
	private static void pass(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	/**
	 * Lets all threads come to rest, probes, and ends the workers.
	 * @return what they and this run wrote
	 */
	public History finish() {
		this.workers.forEach((worker) -> worker.command(FaultWorker.REST, COMMAND_BOUND));
		this.workers.forEach((worker) -> worker.command(FaultWorker.PROBE, COMMAND_BOUND));
		this.workers.forEach((worker) -> worker.command(FaultWorker.QUIT, COMMAND_BOUND));
		// Then all that it has written is here.
		this.workers.forEach((worker) -> worker.process().awaitExit(COMMAND_BOUND));
		this.monitor.close();
		return History.read(this.directory);
	}

	/**
	 * Returns what went wrong in workers that no fault explains.
	 * @return the errors, best none
	 */
	public List<String> unexpected() {
		List<FaultyWorker> all = new ArrayList<>(this.former);
		all.addAll(this.workers);
		return all.stream().flatMap((worker) -> worker.unexpected().stream()).toList();
	}

	/**
	 * A worker stands still ({@code SIGSTOP}).
	 * @param length for how long at least
	 * @return the fault
	 */
	public Fault workerPause(Duration length) {
		return new Fault("worker paused", length, (target) -> choose(target).process().pause(),
				() -> chosen().process().resume());
	}

	/**
	 * A worker is killed ({@code SIGKILL}), and another one takes its place as soon as it
	 * has started. The moment of its death is in the history as {@value #KILL}, with the
	 * number of the worker as the token.
	 * @param length for how long at least nothing else goes wrong
	 * @return the fault
	 */
	public Fault workerKill(Duration length) {
		Map<Integer, WatchedProcess> starting = new HashMap<>();
		return new Fault("worker killed", length, (target) -> {
			FaultyWorker worker = choose(target);
			worker.command(FaultWorker.DIE, COMMAND_BOUND);
			HistoryWriter.Begun kill = this.history.begin(0, KILL, "", worker.number());
			worker.process().kill();
			kill.end(Operation.Outcome.OK);
			starting.put(this.started + 1, launch(this.chosen));
		}, () -> {
			this.former.add(chosen());
			this.workers.set(this.chosen, welcome(starting));
			starting.clear();
		});
	}

	/**
	 * A worker stands still, and another one is killed meanwhile. The one that takes the
	 * dead one's place has started before the first goes on, and may have been given what
	 * that had left.
	 * @param length for how long at least
	 * @return the fault
	 */
	public Fault workerPauseAndReplacement(Duration length) {
		Fault kill = workerKill(length);
		FaultyWorker[] paused = new FaultyWorker[1];
		return new Fault("worker paused, another replaced", length, (target) -> {
			paused[0] = choose(target);
			paused[0].process().pause();
			kill.begin().accept(target + 1);
		}, () -> {
			kill.end().run();
			paused[0].process().resume();
		});
	}

	/**
	 * The wall clock of a worker jumps by an hour, ahead or back, and the same way home
	 * at the end. Its monotonic clock goes on.
	 * @param length for how long at least
	 * @return the fault
	 */
	public Fault workerClockJump(Duration length) {
		long[] jump = new long[1];
		return new Fault("worker's clock jumps", length, (target) -> {
			jump[0] = ((target / this.workers.size()) % 2 == 0) ? CLOCK_JUMP.toMillis() : -CLOCK_JUMP.toMillis();
			choose(target).command(FaultWorker.JUMP + " " + jump[0], COMMAND_BOUND);
		}, () -> chosen().command(FaultWorker.JUMP + " " + -jump[0], COMMAND_BOUND));
	}

	private FaultyWorker choose(int target) {
		this.chosen = target % this.workers.size();
		return chosen();
	}

	private FaultyWorker chosen() {
		return this.workers.get(this.chosen);
	}

	/**
	 * Ends what still runs.
	 */
	@Override
	public void close() {
		this.workers.forEach(FaultyWorker::close);
		this.former.forEach(FaultyWorker::close);
		this.monitor.close();
		this.history.close();
		try {
			this.runner.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
