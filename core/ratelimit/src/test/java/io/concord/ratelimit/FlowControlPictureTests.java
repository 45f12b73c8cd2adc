package io.concord.ratelimit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The picture in the documentation of how the algorithms shape the same calls.
 */
class FlowControlPictureTests {

	private static final int COLUMNS = 30;

	private static final long COLUMN = 100_000;

	private static final long START = 1_790_000_000_000_000L / 1_000_000 * 1_000_000;

	/**
	 * Calls in each column: some, a burst in the middle of a second, and many after it.
	 */
	private static int calls(int column) {
		return (column < 5) ? 1 : (column == 8) ? 16 : (column < 12) ? 0 : 2;
	}

	@Test
	void pictureIsThatOfTheModel() throws IOException {
		StringBuilder picture = new StringBuilder();
		picture.append(row("calls", new int[COLUMNS], (counts) -> {
			for (int column = 0; column < COLUMNS; column++) {
				counts[column] = calls(column);
			}
		}));
		for (RateRule rule : List.of(RateRule.builder("token-bucket").rate("10/s").build(),
				RateRule.builder("token-bucket.burst-3").rate("10/s").burst(3).build(),
				RateRule.builder("token-bucket.warm-up-2s").rate("10/s").warmUp(Duration.ofSeconds(2)).build(),
				RateRule.builder("leaky-bucket.max-wait-1s")
					.algorithm(RateAlgorithm.LEAKY_BUCKET)
					.rate("10/s")
					.maxWait(Duration.ofSeconds(1))
					.build(),
				RateRule.builder("sliding-window").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("10/s").build(),
				RateRule.builder("fixed-window").algorithm(RateAlgorithm.FIXED_WINDOW).rate("10/s").build())) {
			picture.append(row(rule.name().replace('.', ' '), new int[COLUMNS], (counts) -> shape(rule, counts)));
		}
		String page = Files.readString(Path.of("../../docs/flow-control.md"));
		assertThat(page).as("put this into docs/flow-control.md:%n%s", picture).contains(picture);
	}

	private static void shape(RateRule rule, int[] counts) {
		long[] state = null;
		for (int column = 0; column < COLUMNS; column++) {
			for (int call = 0; call < calls(column); call++) {
				long now = START + column * COLUMN + call * COLUMN / calls(column);
				RateQuery query = new RateQuery("picture", "", rule.spec(), 1, rule.maxWait().toNanos() / 1_000, false,
						now);
				RateModel.Step step = RateModel.decide(query, state, now);
				if (step.next() != null) {
					state = step.next();
					int runs = (int) ((now + step.verdict().waitMicros() - START) / COLUMN);
					if (runs < COLUMNS) {
						counts[runs]++;
					}
				}
			}
		}
	}

	private static String row(String name, int[] counts, Consumer<int[]> filling) {
		filling.accept(counts);
		StringBuilder row = new StringBuilder(String.format("%-26s|", name));
		for (int column = 0; column < COLUMNS; column++) {
			row.append((counts[column] == 0) ? " ." : String.format("%2d", counts[column]));
			row.append((column % 10 == 9) ? " |" : "");
		}
		return row.append('\n').toString();
	}

}
