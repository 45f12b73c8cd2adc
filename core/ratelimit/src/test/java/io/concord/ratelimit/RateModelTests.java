package io.concord.ratelimit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class RateModelTests {

	private static final long SECOND = 1_000_000;

	@Test
	void tokenBucketLetsABurstPassAndThenTheRate() {
		RateRule rule = RateRule.builder("r").rate("10/s").burst(5).build();
		// 5 at once, then 10 a second.
		assertThat(times(rule, everyMilli(1_000))).hasSize(5 + 9)
			.startsWith(0L, 1_000L, 2_000L, 3_000L, 4_000L, 100_000L, 200_000L);
	}

	@Test
	void tokenBucketNeverDrifts() {
		RateRule rule = RateRule.builder("r").rate("3/s").burst(2).build();
		// The last full third of a second is not over.
		assertThat(times(rule, everyMilli(300_000))).hasSize(2 + 899);
	}

	@Test
	void leakyBucketSpacesEvenlyAndTellsTheWait() {
		RateRule rule = RateRule.builder("r")
			.algorithm(RateAlgorithm.LEAKY_BUCKET)
			.rate("10/s")
			.maxWait(Duration.ofMillis(300))
			.build();
		long[] state = null;
		List<RateVerdict> verdicts = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			RateModel.Step step = RateModel.decide(query(rule, 1, 300_000), state, SECOND);
			verdicts.add(step.verdict());
			state = (step.next() != null) ? step.next() : state;
		}
		assertThat(verdicts).containsExactly(new RateVerdict(1, 0, 3), new RateVerdict(1, 100_000, 0),
				new RateVerdict(1, 200_000, 0), new RateVerdict(1, 300_000, 0), new RateVerdict(0, 100_000, 0));
	}

	@Test
	void warmUpBeginsWithAThirdOfTheRate() {
		RateRule rule = RateRule.builder("r").rate("30/s").burst(3).warmUp(Duration.ofSeconds(4)).build();
		List<Long> times = times(rule, everyMilli(8_000));
		assertThat(within(times, 0, SECOND)).isBetween(10L, 16L);
		assertThat(within(times, 3 * SECOND, 4 * SECOND)).isBetween(25L, 30L);
		assertThat(within(times, 5 * SECOND, 6 * SECOND)).isBetween(29L, 31L);
	}

	@Test
	void warmUpBeginsAnewAfterAPause() {
		RateRule rule = RateRule.builder("r").rate("30/s").burst(3).warmUp(Duration.ofSeconds(2)).build();
		List<Long> asked = new ArrayList<>(everyMilli(5_000));
		everyMilli(1_000).forEach((time) -> asked.add(8 * SECOND + time));
		assertThat(within(times(rule, asked), 8 * SECOND, 9 * SECOND)).isBetween(10L, 20L);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void slidingWindowNeverExceedsTheLimitInAnyWindow(long seed) {
		RateRule rule = RateRule.builder("r").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("20/s").build();
		Random random = new Random(seed);
		List<Long> asked = new ArrayList<>();
		long now = 0;
		for (int i = 0; i < 3_000; i++) {
			now += (random.nextInt(50) == 0) ? random.nextInt(2_000_000) : random.nextInt(20_000);
			asked.add(now);
		}
		List<Long> times = times(rule, asked);
		for (long time : times) {
			assertThat(within(times, time, time + SECOND)).isLessThanOrEqualTo(20);
		}
	}

	@Test
	void slidingWindowKeepsNearlyTheRate() {
		RateRule rule = RateRule.builder("r").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("100/s").build();
		assertThat(times(rule, everyMilli(60_000)).size()).isBetween(60 * 90, 60 * 100);
	}

	@Test
	void fixedWindowCountsAnewInEachPeriod() {
		RateRule rule = RateRule.builder("r").algorithm(RateAlgorithm.FIXED_WINDOW).rate("3/s").build();
		assertThat(times(rule, everyMilli(2_000))).containsExactly(0L, 1_000L, 2_000L, SECOND, SECOND + 1_000,
				SECOND + 2_000);
	}

	@Test
	void allRatesAreKept() {
		RateRule rule = RateRule.builder("r").rate("10/s").rate("30/m").build();
		assertThat(times(rule, everyMilli(59_000))).hasSizeBetween(30 + 28, 30 + 30);
		assertThat(within(times(rule, everyMilli(10_000)), SECOND, 2 * SECOND)).isLessThanOrEqualTo(10);
	}

	/** Refused as long as it says, and admitted then. */
	@ParameterizedTest
	@ValueSource(strings = { "TOKEN_BUCKET", "FIXED_WINDOW", "SLIDING_WINDOW", "LEAKY_BUCKET" })
	void refusalTellsWhenToComeAgain(RateAlgorithm algorithm) {
		RateRule rule = RateRule.builder("r").algorithm(algorithm).rate("3/s").build();
		Random random = new Random(11);
		long[] state = null;
		long now = SECOND;
		for (int i = 0; i < 500; i++) {
			now += random.nextInt(400_000);
			RateModel.Step step = RateModel.decide(query(rule, 1, 0), state, now);
			if (step.next() != null) {
				state = step.next();
				continue;
			}
			long again = now + step.verdict().waitMicros();
			assertThat(RateModel.decide(query(rule, 1, 0), state, again - 1).verdict().isAdmitted()).isFalse();
			assertThat(RateModel.decide(query(rule, 1, 0), state, again).verdict().isAdmitted()).isTrue();
		}
	}

	@Test
	void clockThatGoesBackALittleStandsStillAndOneThatGoesBackFarCountsAnew() {
		RateRule rule = RateRule.builder("r").rate("1/s").build();
		long now = 100 * SECOND;
		long[] state = RateModel.decide(query(rule, 1, 0), null, now).next();
		assertThat(RateModel.decide(query(rule, 1, 0), state, now - 5 * SECOND).verdict())
			.isEqualTo(new RateVerdict(0, SECOND, 0));
		long[] back = RateModel.decide(query(rule, 1, 0), state, now + SECOND).next();
		long before = now - 3_600 * SECOND;
		assertThat(RateModel.decide(query(rule, 1, 0), back, before).verdict().isAdmitted()).isFalse();
	}

	private static List<Long> everyMilli(int count) {
		List<Long> times = new ArrayList<>();
		for (long i = 0; i < count; i++) {
			times.add(i * 1_000);
		}
		return times;
	}

	/** The times at which one permit was granted, of those at which it was asked for. */
	private static List<Long> times(RateRule rule, List<Long> asked) {
		// So that no bucket is at the begin of all time.
		long start = 1_000_000 * SECOND;
		List<Long> granted = new ArrayList<>();
		long[] state = null;
		for (long time : asked) {
			RateModel.Step step = RateModel.decide(query(rule, 1, 0), state, start + time);
			if (step.next() != null) {
				state = step.next();
				granted.add(time);
			}
		}
		return granted;
	}

	private static long within(List<Long> times, long from, long to) {
		return times.stream().filter((time) -> time >= from && time < to).count();
	}

	private static RateQuery query(RateRule rule, long permits, long maxWait) {
		return new RateQuery("r", "k", rule.spec(), permits, maxWait, false, RateQuery.STORE_TIME);
	}

}
