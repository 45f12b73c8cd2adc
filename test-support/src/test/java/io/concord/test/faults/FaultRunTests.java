package io.concord.test.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import io.concord.test.faults.Operation.Outcome;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(120)
class FaultRunTests {

	@Test
	void workersGoThroughFaultsAndTellWhatTheySaw(@TempDir Path directory) {
		try (FaultRun run = start(directory, "works")) {
			List<Fault> faults = List.of(run.workerPause(Duration.ofMillis(300)), run.workerKill(Duration.ofMillis(50)),
					run.workerClockJump(Duration.ofMillis(100)));
			run.goThrough(FaultSchedule.draw(3, faults, 1), faults, Duration.ofMinutes(1));
			History history = run.finish();
			assertThat(run.unexpected()).isEmpty();
			Set<Integer> workers = history.of("add").stream().map(Operation::worker).collect(Collectors.toSet());
			assertThat(workers).as("two, and one in the place of one of them").containsExactlyInAnyOrder(1, 2, 3);
			assertThat(history.of(History.FAULT)).extracting(Operation::key)
				.containsExactlyInAnyOrder("worker paused", "worker killed", "worker's clock jumps");
			assertThat(history.of(History.FAULT)).allMatch(Operation::isOk);
			long killed = history.of(FaultRun.KILL).get(0).token();
			assertThat(history.of("probe")).extracting(Operation::worker)
				.as("those that live at the end")
				.doesNotContain((int) killed)
				.hasSize(2);
			Operation pause = history.where((operation) -> operation.key().equals("worker paused")).get(0);
			assertThat(history.of(History.STALL)).as("who is paused notices it")
				.anyMatch((stall) -> stall.worker() != 0 && stall.invokeNs() < pause.returnNs()
						&& stall.returnNs() > pause.invokeNs()
						&& stall.returnNs() - stall.invokeNs() > Duration.ofMillis(250).toNanos());
			assertThat(history.of("clock")).as("whose clock jumps notices it")
				.anyMatch((clock) -> Math.abs(clock.token()) > Duration.ofMinutes(50).toMillis());
			assertThat(history.operations()).allMatch((operation) -> operation.seed() == 3);
		}
	}

	@Test
	void tellsOfErrorsThatNoFaultExplains(@TempDir Path directory) {
		try (FaultRun run = start(directory, "fails")) {
			run.finish();
			assertThat(run.unexpected()).hasSize(2).allMatch((error) -> error.contains("IllegalStateException: a bug"));
		}
	}

	private FaultRun start(Path directory, String mode) {
		return new FaultRun(3, directory, Adder.class, 2, 1, (slot, command) -> command.arguments("mode=" + mode));
	}

	/**
	 * Does nothing much.
	 */
	static final class Adder {

		private Adder() {
		}

		public static void main(String[] args) {
			FaultWorker.run(args, (context) -> new Workload() {

				@Override
				public void operate(int thread, Random random) {
					if (context.option("mode").equals("fails")) {
						throw new IllegalStateException("a bug");
					}
					HistoryWriter.Begun add = context.history().begin(thread, "add", "k" + random.nextInt(3), 1);
					long jumped = context.wallMillis().getAsLong() - System.currentTimeMillis();
					context.history().begin(thread, "clock", "", jumped).end(Outcome.OK);
					try {
						// Stands for work, or the history would be endless. No
						// assertion waits for it.
						Thread.sleep(5);
					}
					catch (InterruptedException ex) {
						throw new IllegalStateException(ex);
					}
					add.end(Outcome.OK);
				}

				@Override
				public void probe(int thread) {
					context.history().begin(thread, "probe", "", 0).end(Outcome.OK);
				}

				@Override
				public void close() {
				}

			});
		}

	}

}
