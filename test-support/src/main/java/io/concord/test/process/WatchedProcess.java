package io.concord.test.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.concord.test.Await;

/**
 * A child process that ends with this JVM, also when the JVM is killed with
 * {@code kill -9}. Its output, errors included, is collected line by line; its input is
 * empty. Needs a POSIX {@code sh}. Thread-safe.
 * <p>
 * The child is started by a shell which becomes the command. Before, the shell leaves a
 * small watcher behind that reads from a pipe whose other end only this JVM holds. The
 * end of the pipe is the end of the JVM: the watcher then ends the child by its pid, if
 * it still is its parent, so that a pid that was given to another process meanwhile is
 * left alone.
 */
public final class WatchedProcess implements AutoCloseable {

	/** The shell's own name, by which the watcher is told from the server's children. */
	private static final String WATCHER = "concord-watcher";

	private static final String WATCH = """
			directory=$1
			signal=$2
			shift 2
			child=$$
			is_child() {
				{ read -r pid name state parent rest </proc/self/stat; } || parent=$child
				[ "$parent" = "$child" ]
			}
			exec 3<&0
			(
				read -r line <&3
				if is_child; then
					kill -s "$signal" "$child"
					kill -s CONT "$child"
					waited=0
					while is_child && [ "$waited" -lt 100 ]; do
						sleep 0.1
						waited=$((waited + 1))
					done
					is_child && kill -s KILL "$child"
					[ -z "$directory" ] || rm -rf -- "$directory"
				fi
			) >/dev/null 2>&1 &
			exec "$@" 3<&- </dev/null
			""";

	private static final String KILL = "KILL";

	private static final Duration SIGNAL_BOUND = Duration.ofSeconds(10);

	private static final int LINES_IN_MESSAGES = 40;

	private final String name;

	private final Process process;

	private final String stopSignal;

	private final boolean withChildren;

	private final Thread reader;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final List<String> lines = new ArrayList<>();

	private boolean outputEnded;

	private WatchedProcess(String name, Process process, String stopSignal, boolean withChildren) {
		this.name = name;
		this.process = process;
		this.stopSignal = stopSignal;
		this.withChildren = withChildren;
		this.reader = new Thread(this::collectOutput, "output of " + name + " " + process.pid());
		this.reader.setDaemon(true);
	}

	/**
	 * Start a command.
	 * @param name what to call the process in messages
	 * @param command the program, found on the {@code PATH} or by its path, and its
	 * arguments
	 * @param environment variables to add to those of this JVM
	 * @param workingDirectory where it runs, or {@code null} for that of this JVM
	 * @param removeWhenOrphaned a directory to delete if the process must be killed
	 * because this JVM has died, or {@code null}
	 * @return the started process; a program that does not exist ends with exit code 127
	 * @throws IOException if there is no shell
	 */
	public static WatchedProcess start(String name, List<String> command, Map<String, String> environment,
			@Nullable Path workingDirectory, @Nullable Path removeWhenOrphaned) throws IOException {
		return start(name, command, environment, workingDirectory, removeWhenOrphaned, KILL, false);
	}

	/**
	 * Start a command that may consist of several processes: to pause, resume and kill it
	 * concerns the children of the process, and theirs, as well.
	 * @param name what to call the process in messages
	 * @param command the program, found on the {@code PATH} or by its path, and its
	 * arguments
	 * @param workingDirectory where it runs
	 * @param removeWhenOrphaned a directory to delete if the process must be ended
	 * because this JVM has died
	 * @param stopSignal the signal that makes the process end itself and its children
	 * without delay, such as {@code QUIT}, used by {@link #close()} and when this JVM has
	 * died; {@code KILL} if it has none
	 * @return the started process; a program that does not exist ends with exit code 127
	 * @throws IOException if there is no shell
	 */
	public static WatchedProcess startFamily(String name, List<String> command, Path workingDirectory,
			Path removeWhenOrphaned, String stopSignal) throws IOException {
		return start(name, command, Map.of(), workingDirectory, removeWhenOrphaned, stopSignal, true);
	}

	private static WatchedProcess start(String name, List<String> command, Map<String, String> environment,
			@Nullable Path workingDirectory, @Nullable Path removeWhenOrphaned, String stopSignal, boolean withChildren)
			throws IOException {
		List<String> watched = new ArrayList<>(List.of("sh", "-c", WATCH, WATCHER));
		watched.add((removeWhenOrphaned != null) ? removeWhenOrphaned.toAbsolutePath().toString() : "");
		watched.add(stopSignal);
		watched.addAll(command);
		ProcessBuilder builder = new ProcessBuilder(watched).redirectErrorStream(true);
		builder.environment().putAll(environment);
		if (workingDirectory != null) {
			builder.directory(workingDirectory.toFile());
		}
		WatchedProcess process = new WatchedProcess(name, builder.start(), stopSignal, withChildren);
		process.reader.start();
		return process;
	}

	/**
	 * The process id of the command itself.
	 * @return the process id
	 */
	public long pid() {
		return this.process.pid();
	}

	/**
	 * Whether the process has not ended; a paused one is alive.
	 * @return whether the process is alive
	 */
	public boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Whether any process of this machine runs. One that has ended and that its parent
	 * has not taken note of does not.
	 * @param pid its process id
	 * @return whether it runs or is paused
	 */
	public static boolean isRunning(long pid) {
		if (!Files.isDirectory(Path.of("/proc/self"))) {
			return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
		}
		try {
			return state(Path.of("/proc", Long.toString(pid))) != 'Z';
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * The lines that the process has written until now.
	 * @return a copy of the lines
	 */
	public List<String> output() {
		this.lock.lock();
		try {
			return List.copyOf(this.lines);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait for a line of output, which may have been written before.
	 * @param text what the line contains
	 * @param bound the longest wait
	 * @return the first such line
	 * @throws AssertionError with the end of the output, if there is no such line in time
	 * or the process ends without it
	 */
	public String awaitLine(String text, Duration bound) {
		return awaitLine("containing '" + text + "'", (line) -> line.contains(text), bound);
	}

	/**
	 * Wait for a line of output, which may have been written before.
	 * @param what the line in words, for the failure
	 * @param matcher whether it is the line
	 * @param bound the longest wait
	 * @return the first such line
	 * @throws AssertionError with the end of the output, if there is no such line in time
	 * or the process ends without it
	 */
	public String awaitLine(String what, Predicate<String> matcher, Duration bound) {
		long remaining = bound.toNanos();
		int seen = 0;
		this.lock.lock();
		try {
			while (true) {
				for (; seen < this.lines.size(); seen++) {
					if (matcher.test(this.lines.get(seen))) {
						return this.lines.get(seen);
					}
				}
				if (this.outputEnded) {
					throw new AssertionError(describe("ended without a line " + what));
				}
				if (remaining <= 0) {
					throw new AssertionError(describe("wrote no line " + what + " within " + bound));
				}
				remaining = this.changed.awaitNanos(remaining);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError(describe("was waited for by an interrupted thread"), ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait for a condition while the process lives.
	 * @param what the condition in words, for the failure
	 * @param bound the longest wait
	 * @param condition what must hold
	 * @throws AssertionError with the end of the output, if the condition does not hold
	 * in time or the process ends before
	 */
	public void awaitCondition(String what, Duration bound, BooleanSupplier condition) {
		Await.until(() -> describe("waited for: " + what), bound, () -> {
			boolean alive = isAlive();
			if (condition.getAsBoolean()) {
				return true;
			}
			if (!alive) {
				throw new AssertionError(describe("ended before: " + what));
			}
			return false;
		});
	}

	/**
	 * Wait for the process to end by itself.
	 * @param bound the longest wait
	 * @return the exit code; 128 and the number of the signal if a signal ended it
	 * @throws AssertionError with the end of the output, if it does not end in time
	 */
	public int awaitExit(Duration bound) {
		try {
			if (!this.process.waitFor(bound.toNanos(), TimeUnit.NANOSECONDS)) {
				throw new AssertionError(describe("did not end within " + bound));
			}
			this.reader.join();
			return this.process.exitValue();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError(describe("was waited for by an interrupted thread"), ex);
		}
	}

	/**
	 * Stop the process where it is ({@code SIGSTOP}), and return when all its threads
	 * stand still. Its connections stay open.
	 * @throws IllegalStateException if the process has ended
	 */
	public void pause() {
		checkAlive();
		stopAlone();
		// The first stands still and starts no more of them; they may.
		for (List<Long> running = runningChildren(); !running.isEmpty(); running = runningChildren()) {
			List<Long> stopping = running;
			send("STOP", stopping);
			Await.until(() -> describe("has a child that did not stop"), SIGNAL_BOUND,
					() -> stopping.stream().allMatch((pid) -> !isRunning(pid) || isStopped(pid)));
		}
	}

	private void stopAlone() {
		send("STOP", List.of(pid()));
		Await.until(() -> describe("did not stop"), SIGNAL_BOUND, () -> !isAlive() || isStopped(pid()));
	}

	private List<Long> runningChildren() {
		return children().stream().map(ProcessHandle::pid).filter((pid) -> isRunning(pid) && !isStopped(pid)).toList();
	}

	private List<ProcessHandle> children() {
		return this.withChildren ? this.process.toHandle().descendants().filter((child) -> !isWatcher(child)).toList()
				: List.of();
	}

	private static boolean isWatcher(ProcessHandle child) {
		Path commandLine = Path.of("/proc", Long.toString(child.pid()), "cmdline");
		try {
			return Files.readString(commandLine, StandardCharsets.ISO_8859_1).contains("\0" + WATCHER + "\0");
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Let a paused process go on ({@code SIGCONT}); one that is not paused is left alone.
	 * @throws IllegalStateException if the process has ended
	 */
	public void resume() {
		checkAlive();
		resumeAll();
	}

	private void resumeAll() {
		List<Long> pids = new ArrayList<>(children().stream().map(ProcessHandle::pid).toList());
		pids.add(pid());
		send("CONT", pids);
	}

	/**
	 * Ask the process to end in good order ({@code SIGTERM}), and wait for it.
	 * @param bound the longest wait
	 * @return the exit code; a JVM that ends in good order then has 143
	 * @throws AssertionError with the end of the output, if it does not end in time
	 */
	public int terminate(Duration bound) {
		// Not Process.destroy(): it closes the pipe, which the watcher takes for our end.
		this.process.toHandle().destroy();
		return awaitExit(bound);
	}

	/**
	 * End the process without giving it a chance ({@code SIGKILL}), paused or not, and
	 * return when it is gone. Has no effect on one that has ended.
	 */
	public void kill() {
		if (this.withChildren && isAlive()) {
			// So that it starts no more of them, nor hears of their end.
			stopAlone();
		}
		List<ProcessHandle> children = children();
		children.forEach(ProcessHandle::destroyForcibly);
		this.process.toHandle().destroyForcibly();
		awaitExit(SIGNAL_BOUND);
		awaitEnd(children);
	}

	private void awaitEnd(List<ProcessHandle> children) {
		Await.until(() -> describe("has left a child behind"), SIGNAL_BOUND,
				() -> children.stream().noneMatch((child) -> isRunning(child.pid())));
	}

	/**
	 * End the process by its stop signal, and kill it if it has none or does not obey.
	 * Has no effect on one that has ended.
	 */
	@Override
	public void close() {
		if (!this.stopSignal.equals(KILL) && isAlive()) {
			List<ProcessHandle> children = children();
			send(this.stopSignal, List.of(pid()));
			resumeAll();
			try {
				awaitExit(SIGNAL_BOUND);
				awaitEnd(children);
				return;
			}
			catch (AssertionError ex) {
				// It did not obey.
			}
		}
		kill();
	}

	/**
	 * What the process is, how it stands and the end of its output, for messages.
	 * @return some lines of text
	 */
	public String describe() {
		return describe(isAlive() ? "is alive" : "has ended");
	}

	private String describe(String state) {
		List<String> output = output();
		List<String> last = output.subList(Math.max(0, output.size() - LINES_IN_MESSAGES), output.size());
		String exit = isAlive() ? "" : " (exit code " + this.process.exitValue() + ")";
		return this.name + ", pid " + pid() + ", " + state + exit + "; the end of its output: "
				+ (last.isEmpty() ? "none" : System.lineSeparator() + String.join(System.lineSeparator(), last));
	}

	private void checkAlive() {
		if (!isAlive()) {
			throw new IllegalStateException(describe("cannot get a signal: it has ended"));
		}
	}

	private void send(String signal, List<Long> pids) {
		try {
			// The shell's own kill: the program of that name is missing on small images.
			List<String> command = new ArrayList<>(
					List.of("sh", "-c", "signal=$1; shift; kill -s \"$signal\" \"$@\"", "sh", signal));
			pids.forEach((pid) -> command.add(Long.toString(pid)));
			Process kill = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
			// A child may have ended meanwhile; whoever must know looks for itself.
			if (kill.waitFor() != 0 && isAlive() && pids.equals(List.of(pid()))) {
				throw new IllegalStateException(describe("could not be sent " + signal));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(describe("may have been sent " + signal), ex);
		}
	}

	private static boolean isStopped(long pid) {
		Path tasks = Path.of("/proc", Long.toString(pid), "task");
		if (!Files.isDirectory(tasks)) {
			return true;
		}
		try (Stream<Path> threads = Files.list(tasks)) {
			return threads.allMatch(WatchedProcess::isStopped);
		}
		catch (IOException | UncheckedIOException ex) {
			return false;
		}
	}

	private static boolean isStopped(Path thread) {
		try {
			return state(thread) == 'T';
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static char state(Path task) throws IOException {
		String stat = Files.readString(task.resolve("stat"));
		// The name before the state is in brackets and may hold any character.
		return stat.charAt(stat.lastIndexOf(')') + 2);
	}

	private void collectOutput() {
		try (BufferedReader output = this.process.inputReader()) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				add(line);
			}
		}
		catch (IOException ex) {
			add("[output lost: " + ex + "]");
		}
		finally {
			this.lock.lock();
			try {
				this.outputEnded = true;
				this.changed.signalAll();
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	private void add(String line) {
		this.lock.lock();
		try {
			this.lines.add(line);
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

}
