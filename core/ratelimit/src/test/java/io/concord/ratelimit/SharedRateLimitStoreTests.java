package io.concord.ratelimit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.lease.LeaseEngine;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.ratelimit.local.LocalRateLimitStore;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class SharedRateLimitStoreTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final long START = 1_790_000_000_000_000L;

	/** In each window no more than the limit, or one for each process if that is more. */
	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 7, 30 })
	void allTogetherKeepTheLimit(int members) {
		for (RateRule rule : List.of(RateRule.builder("t").rate("20/s").burst(20).build(),
				RateRule.builder("l").rate("20/s").algorithm(RateAlgorithm.LEAKY_BUCKET).build(),
				RateRule.builder("f").rate("20/s").algorithm(RateAlgorithm.FIXED_WINDOW).build(),
				RateRule.builder("s").rate("20/s").algorithm(RateAlgorithm.SLIDING_WINDOW).build())) {
			List<RateLimitStore> stores = new ArrayList<>();
			for (int i = 0; i < members; i++) {
				stores.add(new SharedRateLimitStore(new LocalRateLimitStore(10), () -> members));
			}
			long admitted = 0;
			for (long now = 0; now < 5_000_000; now += 5_000) {
				for (RateLimitStore store : stores) {
					admitted += store.take(new RateQuery("r", "k", rule.spec(), 1, 0, false, START + now), TIMEOUT)
						.permits();
				}
			}
			long perSecond = (rule.spec().kind() == RateSpec.Kind.FIXED_WINDOW
					|| rule.spec().kind() == RateSpec.Kind.SLIDING_WINDOW) ? Math.max(20, members) : 20;
			assertThat(admitted).as("%s", rule).isBetween(30L, 5 * perSecond + Math.max(20, members));
		}
	}

	@Test
	void countsThoseWhoLive() {
		LocalLeaseStore store = new LocalLeaseStore();
		try (LeaseEngine one = engine(store);
				LeaseEngine other = engine(store);
				Members first = new Members(() -> one)) {
			assertThat(first.count()).isEqualTo(1);
			Members second = new Members(() -> other);
			assertThat(second.count()).isEqualTo(2);
			awaitUntil(() -> first.count() == 2);
			second.close();
			awaitUntil(() -> first.count() == 1);
		}
	}

	private static LeaseEngine engine(LocalLeaseStore store) {
		return LeaseEngine.builder(store).shutdownTimeout(Duration.ZERO).build();
	}

	private static void awaitUntil(BooleanSupplier condition) {
		long end = System.nanoTime() + 30_000_000_000L;
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			Thread.onSpinWait();
		}
	}

}
