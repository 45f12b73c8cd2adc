package io.concord.ratelimit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is kept of keys that permits are taken ahead for.
 */
class ReservesTests {

	private final AtomicLong nanos = new AtomicLong();

	private final Reserves reserves = new Reserves(Duration.ofSeconds(1), this.nanos::get);

	private final RateRule rule = RateRule.builder("r").rate("100/s").overAdmission(0.05).build();

	private RateQuery query(String key) {
		return new RateQuery("r", key, this.rule.spec(), 1, 0, false, RateQuery.STORE_TIME);
	}

	private void fail(String key) {
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> this.reserves.take(query(key), this.rule, 5, (query) -> {
				throw new LeaseStoreException("down");
			}));
	}

	@Test
	void keepsNothingOfKeysWhoseStoreHasFailed() {
		for (int i = 0; i < 2 * Reserves.MOST; i++) {
			fail("key-" + i);
			this.nanos.addAndGet(10_000);
		}
		// What comes within a tenth of a second is looked through at its end.
		assertThat(this.reserves.size()).isLessThanOrEqualTo(Reserves.MOST + 10_000);
	}

	@Test
	void keepsWhatIsInStock() {
		this.reserves.take(query("kept"), this.rule, 5, (query) -> new RateVerdict(query.permits(), 0, 90));
		for (int i = 0; i < Reserves.MOST; i++) {
			fail("key-" + i);
		}
		assertThat(this.reserves.size()).isEqualTo(1);
		assertThat(this.reserves.take(query("kept"), this.rule, 5, (query) -> {
			throw new AssertionError("There are some in stock");
		}).ahead()).isTrue();
	}

}
