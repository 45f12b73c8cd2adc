package io.concord.ratelimit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link RateLimitStore} does: the same trace with the same times gives the
 * same verdicts as {@link RateModel}, and nothing comes in between of a decision.
 */
public abstract class RateLimitStoreContract {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	/** A time at which a minute, an hour and a day begin. */
	private static final long START = 1_790_000_000_000_000L / 86_400_000_000L * 86_400_000_000L;

	private final String run = UUID.randomUUID().toString().substring(0, 8);

	private RateLimitStore store;

	/** Opens a store with state of its own, or that of other tests. */
	protected abstract RateLimitStore newStore();

	@BeforeEach
	void open() {
		this.store = newStore();
	}

	@AfterEach
	void close() {
		this.store.close();
	}

	/** One rule of each kind at least. */
	public static List<RateRule> rules() {
		return List.of(rule("tokens").rate("10/s").build(), rule("tokens-burst").rate("3/s").burst(7).build(),
				rule("tokens-several").rate("10/s").rate("100/m").rate("150/h").build(),
				rule("tokens-waiting").rate("20/s").burst(2).maxWait(Duration.ofMillis(400)).build(),
				rule("warm-up").rate("30/s").warmUp(Duration.ofSeconds(2)).build(),
				rule("warm-up-slow").rate("2/s").burst(2).warmUp(Duration.ofMillis(1_500)).build(),
				rule("leaky").algorithm(RateAlgorithm.LEAKY_BUCKET).rate("7/s").maxWait(Duration.ofMillis(600)).build(),
				rule("leaky-strict").algorithm(RateAlgorithm.LEAKY_BUCKET).rate("100/m").rate("20/s").build(),
				rule("fixed").algorithm(RateAlgorithm.FIXED_WINDOW).rate("8/s").build(),
				rule("fixed-several").algorithm(RateAlgorithm.FIXED_WINDOW).rate("8/s").rate("50/10s").build(),
				rule("sliding").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("12/s").build(),
				rule("sliding-several").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("5/333ms").rate("60/10s").build());
	}

	private static RateRule.Builder rule(String name) {
		return RateRule.builder(name);
	}

	@ParameterizedTest
	@MethodSource("rules")
	void decidesAsTheModelDoes(RateRule rule) {
		Random random = new Random(rule.name().hashCode());
		RateSpec spec = rule.spec();
		Map<String, long[]> states = new HashMap<>();
		long now = START + random.nextInt(1_000_000);
		int admitted = 0;
		int refused = 0;
		for (int i = 0; i < 250; i++) {
			now += step(random);
			String key = "k" + random.nextInt(2);
			boolean partial = random.nextInt(8) == 0;
			long maxWait = (random.nextBoolean() && !partial)
					? Math.min(spec.mostWait(), rule.maxWait().toNanos() / 1_000) : 0;
			long permits = partial ? 1 + random.nextInt(30) : 1 + random.nextLong(Math.min(3, spec.mostPermits()));
			RateQuery query = new RateQuery(rule.name() + this.run, key, spec, permits, maxWait, partial, now);
			RateModel.Step expected = RateModel.decide(query, states.get(key), now);
			if (random.nextInt(10) == 0) {
				assertThat(this.store.peek(query, TIMEOUT)).as("peek %d of %s", i, rule).isEqualTo(expected.verdict());
			}
			assertThat(this.store.take(query, TIMEOUT)).as("call %d of %s: %s", i, rule, query)
				.isEqualTo(expected.verdict());
			if (expected.next() != null) {
				states.put(key, expected.next());
				admitted++;
			}
			else {
				refused++;
			}
		}
		assertThat(admitted).isGreaterThan(20);
		assertThat(refused).isGreaterThan(20);
	}

	/** Mostly short, sometimes a pause, sometimes a step back, short or long. */
	private static long step(Random random) {
		return switch (random.nextInt(40)) {
			case 0 -> 3_000_000 + random.nextInt(2_000_000);
			case 1 -> -random.nextInt(300_000);
			case 2 -> (random.nextInt(4) == 0) ? -15_000_000 : 200_000;
			case 3, 4, 5, 6 -> random.nextInt(400_000);
			case 7, 8, 9, 10, 11 -> 0;
			default -> random.nextInt(60_000);
		};
	}

	@Test
	void keepsWhatWasTakenWhenTheRateChanges() {
		RateRule before = rule("changed").rate("10/s").burst(10).build();
		RateRule after = rule("changed").rate("7/m").rate("1000/h").burst(12).build();
		RateQuery first = query(before, "k", 8, START);
		RateQuery second = query(after, "k", 4, START);
		RateModel.Step taken = RateModel.decide(first, null, START);
		assertThat(this.store.take(first, TIMEOUT)).isEqualTo(taken.verdict());
		RateModel.Step next = RateModel.decide(second, taken.next(), START);
		assertThat(next.verdict()).isEqualTo(new RateVerdict(4, 0, 0));
		assertThat(this.store.take(second, TIMEOUT)).isEqualTo(next.verdict());
		assertThat(this.store.take(second, TIMEOUT).isAdmitted()).isFalse();
	}

	@Test
	void keepsWhatWasTakenWhenAWindowChanges() {
		for (RateAlgorithm algorithm : List.of(RateAlgorithm.FIXED_WINDOW, RateAlgorithm.SLIDING_WINDOW)) {
			RateRule before = rule("window").algorithm(algorithm).rate("10/s").build();
			RateRule after = rule("window").algorithm(algorithm).rate("9/m").build();
			assertThat(this.store.take(query(before, "k", 8, START), TIMEOUT)).isEqualTo(new RateVerdict(8, 0, 2));
			assertThat(this.store.take(query(after, "k", 2, START), TIMEOUT).isAdmitted()).isFalse();
			assertThat(this.store.take(query(after, "k", 1, START), TIMEOUT)).isEqualTo(new RateVerdict(1, 0, 0));
		}
	}

	@Test
	void goesByItsOwnTime() {
		RateRule rule = rule("own-time").rate("5/h").build();
		for (int i = 4; i >= 0; i--) {
			assertThat(this.store.take(query(rule, "k", 1, RateQuery.STORE_TIME), TIMEOUT))
				.isEqualTo(new RateVerdict(1, 0, i));
		}
		RateVerdict refused = this.store.take(query(rule, "k", 1, RateQuery.STORE_TIME), TIMEOUT);
		assertThat(refused.isAdmitted()).isFalse();
		assertThat(refused.waitMicros()).isBetween(1L, 720_000_000L);
		assertThat(this.store.peek(query(rule, "k", 1, RateQuery.STORE_TIME), TIMEOUT).isAdmitted()).isFalse();
	}

	@ParameterizedTest
	@MethodSource("rules")
	void resetBeginsAnew(RateRule rule) {
		RateQuery all = query(rule, "reset", rule.mostPermits(), START);
		RateVerdict first = this.store.take(all, TIMEOUT);
		assertThat(first.isAdmitted()).isTrue();
		assertThat(this.store.take(all, TIMEOUT).isAdmitted()).isFalse();
		RateQuery other = query(rule, "other", rule.mostPermits(), START);
		this.store.take(other, TIMEOUT);
		this.store.reset(all.rule(), all.key(), TIMEOUT);
		assertThat(this.store.take(all, TIMEOUT)).isEqualTo(first);
		assertThat(this.store.take(other, TIMEOUT).isAdmitted()).isFalse();
	}

	@Test
	void takesKeysOfAnyTextAndLength() {
		RateRule rule = rule("keys").rate("1/h").build();
		for (String key : List.of("", "a b}{'\"\\", "ä€😀", "x".repeat(10_000), "x".repeat(10_001))) {
			assertThat(this.store.take(query(rule, key, 1, START), TIMEOUT).isAdmitted()).isTrue();
			assertThat(this.store.take(query(rule, key, 1, START), TIMEOUT).isAdmitted()).isFalse();
		}
	}

	@ParameterizedTest
	@MethodSource("rules")
	void admitsNoMoreThanThereIsToManyAtOnce(RateRule rule) throws Exception {
		RateSpec spec = rule.spec();
		long wanted = 30;
		long expected = 0;
		long[] state = null;
		RateQuery query = query(rule, "many", 1, START);
		for (int i = 0; i < wanted; i++) {
			RateModel.Step step = RateModel.decide(query, state, START);
			if (step.next() != null) {
				state = step.next();
				expected++;
			}
		}
		ExecutorService threads = Executors.newFixedThreadPool(6);
		try {
			List<Callable<RateVerdict>> calls = new ArrayList<>();
			for (int i = 0; i < wanted; i++) {
				calls.add(() -> this.store.take(query, TIMEOUT));
			}
			long admitted = 0;
			for (Future<RateVerdict> call : threads.invokeAll(calls)) {
				admitted += call.get().permits();
			}
			assertThat(admitted).as("%s", spec).isEqualTo(expected);
		}
		finally {
			threads.shutdownNow();
		}
	}

	/** Asks for one permit, by the time of the store. */
	public static RateQuery query(RateRule rule, String key) {
		return new RateQuery(rule.name(), key, rule.spec(), 1, 0, false, RateQuery.STORE_TIME);
	}

	private RateQuery query(RateRule rule, String key, long permits, long now) {
		return new RateQuery(rule.name() + this.run, key, rule.spec(), permits, 0, false, now);
	}

}
