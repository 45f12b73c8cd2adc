package io.concord.test.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.concord.test.Await;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(120)
class WatchedProcessTests {

	private static final Duration BOUND = Duration.ofSeconds(30);

	@Test
	void collectsOutputAndErrorsAndExitCode() throws IOException {
		try (WatchedProcess process = shell("echo out; echo err >&2; exit 3")) {
			assertThat(process.awaitExit(BOUND)).isEqualTo(3);
			assertThat(process.output()).containsExactly("out", "err");
			assertThat(process.isAlive()).isFalse();
			assertThat(process.describe()).contains("shell, pid " + process.pid(), "exit code 3", "out", "err");
		}
	}

	@Test
	void hasEmptyInput() throws IOException {
		try (WatchedProcess process = shell("cat; echo end")) {
			assertThat(process.awaitExit(BOUND)).isZero();
			assertThat(process.output()).containsExactly("end");
		}
	}

	@Test
	void failsOnceAProgramWithoutTheLineHasEnded() throws IOException {
		try (WatchedProcess process = shell("echo other")) {
			assertThat(process.awaitLine("oth", BOUND)).isEqualTo("other");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> process.awaitLine("wanted", BOUND))
				.withMessageContaining("ended without a line containing 'wanted'")
				.withMessageContaining("other");
		}
	}

	@Test
	void failsWhenALineOrAConditionOrTheEndIsLate() throws IOException {
		Duration brief = Duration.ofMillis(50);
		try (WatchedProcess process = shell("exec sleep 600")) {
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> process.awaitLine("wanted", brief))
				.withMessageContaining("within PT0.05S");
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> process.awaitCondition("the moon is full", brief, () -> false))
				.withMessageContaining("the moon is full");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> process.awaitExit(brief))
				.withMessageContaining("did not end within PT0.05S");
		}
	}

	@Test
	void failsWhenTheProgramEndsBeforeTheCondition() throws IOException {
		try (WatchedProcess process = shell("exit 5")) {
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> process.awaitCondition("it serves", BOUND, () -> false))
				.withMessageContaining("ended before: it serves")
				.withMessageContaining("exit code 5");
		}
	}

	@Test
	void missingProgramEndsWithTheReason() throws IOException {
		try (WatchedProcess process = WatchedProcess.start("missing", List.of("no-such-program"), Map.of(), null,
				null)) {
			assertThat(process.awaitExit(BOUND)).isEqualTo(127);
			assertThat(process.describe()).contains("no-such-program");
		}
	}

	@Test
	void startsAJvmWithArgumentsAndEnvironment(@TempDir Path directory) throws IOException {
		try (WatchedProcess process = JavaCommand.mainClass(Programs.Counter.class)
			.jvmArguments("-Dtest.color=red")
			.arguments("one", "two words")
			.environment("TEST_SHAPE", "round")
			.workingDirectory(directory)
			.start()) {
			assertThat(process.awaitLine("arguments", BOUND))
				.isEqualTo("arguments [one, two words] red round in " + directory.toRealPath());
		}
	}

	@Test
	void pausesAndResumes() {
		try (WatchedProcess process = JavaCommand.mainClass(Programs.Counter.class).start()) {
			process.awaitLine("count 10", BOUND);
			process.pause();
			assertThat(process.isAlive()).isTrue();
			int counted = process.output().size();
			// Some lines may have been under way.
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> process.awaitLine("that goes on",
					(line) -> count(line) > counted + 20, Duration.ofSeconds(1)));
			process.resume();
			process.awaitLine("that goes on", (line) -> count(line) > counted + 20, BOUND);
		}
	}

	private static int count(String line) {
		return line.startsWith("count ") ? Integer.parseInt(line.substring("count ".length())) : -1;
	}

	@Test
	void terminatesInGoodOrder() throws IOException {
		try (WatchedProcess process = shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done")) {
			process.awaitLine("ready", BOUND);
			assertThat(process.terminate(BOUND)).isEqualTo(7);
			assertThat(process.output()).endsWith("bye");
		}
	}

	@Test
	void killsAPausedProcessAndRefusesSignalsAfterwards() throws IOException {
		try (WatchedProcess process = shell("exec sleep 600")) {
			process.pause();
			process.kill();
			assertThat(process.isAlive()).isFalse();
			assertThat(process.awaitExit(BOUND)).isEqualTo(128 + 9);
			assertThatIllegalStateException().isThrownBy(process::pause).withMessageContaining("has ended");
			process.kill();
		}
	}

	@Test
	void childAndItsDirectoryGoWhenTheJvmIsKilled() {
		try (WatchedProcess parent = JavaCommand.mainClass(Programs.Parent.class).start()) {
			String[] child = parent.awaitLine("child", BOUND).split(" ");
			long pid = Long.parseLong(child[1]);
			Path directory = Path.of(child[2]);
			assertThat(WatchedProcess.isRunning(pid)).isTrue();
			assertThat(directory).isDirectory();

			parent.kill();
			Await.until("the child " + pid + " is gone", BOUND, () -> !WatchedProcess.isRunning(pid));
			Await.until("the directory is gone", BOUND, () -> Files.notExists(directory));
		}
	}

	@Test
	void familyPausesAndDiesTogether(@TempDir Path directory) throws IOException {
		String loop = "while :; do echo x >>\"$1\"; sleep 0.02; done";
		try (WatchedProcess process = family(directory, "KILL",
				"sh -c '" + loop + "' sh child & echo \"child $!\"; set -- parent; " + loop)) {
			long child = Long.parseLong(process.awaitLine("child ", BOUND).split(" ")[1]);
			List<Path> written = List.of(directory.resolve("parent"), directory.resolve("child"));
			Await.until("both write", BOUND, () -> written.stream().allMatch((file) -> size(file) > 10));
			process.pause();
			List<Long> before = written.stream().map(WatchedProcessTests::size).toList();
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> Await.until("one writes", Duration.ofSeconds(1),
						() -> !written.stream().map(WatchedProcessTests::size).toList().equals(before)));
			process.resume();
			Await.until("both write again", BOUND,
					() -> size(written.get(0)) > before.get(0) + 4 && size(written.get(1)) > before.get(1) + 4);

			process.pause();
			process.kill();
			assertThat(process.isAlive()).isFalse();
			assertThat(WatchedProcess.isRunning(child)).isFalse();
		}
	}

	@Test
	void familyEndsByItsStopSignalEvenPaused(@TempDir Path directory) throws IOException {
		try (WatchedProcess process = family(directory, "QUIT",
				"trap 'echo bye; exit 7' QUIT; echo ready; while :; do sleep 0.05; done")) {
			process.awaitLine("ready", BOUND);
			process.pause();
			stop(process);
			assertThat(process.awaitExit(BOUND)).isEqualTo(7);
			assertThat(process.output()).endsWith("bye");
		}
	}

	private static WatchedProcess family(Path directory, String stopSignal, String script) throws IOException {
		return WatchedProcess.startFamily("family", List.of("sh", "-c", script), directory, directory, stopSignal);
	}

	private static void stop(WatchedProcess process) {
		process.close();
	}

	private static long size(Path file) {
		return file.toFile().length();
	}

	private static WatchedProcess shell(String script) throws IOException {
		return WatchedProcess.start("shell", List.of("sh", "-c", script), Map.of(), null, null);
	}

}
