package io.concord.ratelimit.local;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimitStoreContract;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateSpec;

import static org.assertj.core.api.Assertions.assertThat;

class LocalRateLimitStoreTests extends RateLimitStoreContract {

	private static final RateSpec ONE_A_SECOND = new RateSpec(RateSpec.Kind.FIXED_WINDOW,
			List.of(new RateSpec.Bandwidth(1_000_000, 0, 1)), 0);

	@Override
	protected RateLimitStore newStore() {
		return new LocalRateLimitStore(1_000);
	}

	@Test
	void keepsABoundedNumberOfKeys() {
		AtomicLong micros = new AtomicLong(5_000_000);
		LocalRateLimitStore store = new LocalRateLimitStore(1_000, micros::get);
		for (int i = 0; i < 20_000; i++) {
			assertThat(take(store, "k" + i)).isTrue();
		}
		assertThat(store.size()).isBetween(900, 1_000);
		assertThat(take(store, "k19999")).isFalse();
	}

	@Test
	void forgetsWhatSaysNothingAnyMore() {
		AtomicLong micros = new AtomicLong(5_000_000);
		LocalRateLimitStore store = new LocalRateLimitStore(1_000, micros::get);
		for (int i = 0; i < 500; i++) {
			take(store, "old" + i);
		}
		micros.addAndGet(1_000_000);
		take(store, "new");
		assertThat(store.sweep(Duration.ofSeconds(1))).isFalse();
		assertThat(store.size()).isEqualTo(1);
		assertThat(take(store, "new")).isFalse();
	}

	private static boolean take(LocalRateLimitStore store, String key) {
		return store
			.take(new RateQuery("r", key, ONE_A_SECOND, 1, 0, false, RateQuery.STORE_TIME), Duration.ofSeconds(1))
			.isAdmitted();
	}

}
