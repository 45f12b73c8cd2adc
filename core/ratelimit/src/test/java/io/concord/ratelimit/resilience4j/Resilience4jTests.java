package io.concord.ratelimit.resilience4j;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateRule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Limiters and bulkheads of resilience4j below the limits, and in its registries above
 * them.
 */
class Resilience4jTests {

	private static final int MAX_KEYS = 100;

	private final Resilience4jRateLimitStore store = new Resilience4jRateLimitStore(MAX_KEYS);

	private final BulkheadConcurrency bulkheads = new BulkheadConcurrency();

	private final DefaultRateLimits limits = new DefaultRateLimits(() -> this.store, this.bulkheads, () -> this.store,
			() -> 1, RateLimitSettings.DEFAULT);

	Resilience4jTests() {
		this.limits.define(window("3/h"));
		this.limits.define(RateRule.builder("c").algorithm(RateAlgorithm.CONCURRENCY).limit(2).build());
	}

	private static RateRule window(String rate) {
		return RateRule.builder("r").algorithm(RateAlgorithm.FIXED_WINDOW).rate(rate).build();
	}

	@AfterEach
	void close() {
		this.limits.close();
	}

	@Test
	void limiterDecidesOnWindows() {
		assertThat(this.limits.tryAcquire("r", "k", 2).remaining()).isEqualTo(1);
		assertThat(this.limits.tryAcquire("r", "k", 2).isAdmitted()).isFalse();
		assertThat(this.limits.peek("r", "k").remaining()).isEqualTo(1);
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
		RateDecision refused = this.limits.tryAcquire("r", "k");
		assertThat(refused.isAdmitted()).isFalse();
		assertThat(refused.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofHours(1));
		assertThat(this.limits.tryAcquire("r", "other").isAdmitted()).isTrue();
		this.limits.reset("r", "k");
		assertThat(this.limits.tryAcquire("r", "k", 3).isAdmitted()).isTrue();
	}

	@Test
	void keepsNoMoreKeysThanItMay() {
		for (int i = 0; i < 10 * MAX_KEYS; i++) {
			assertThat(this.limits.tryAcquire("r", "key-" + i).isAdmitted()).isTrue();
		}
		assertThat(this.store.size()).isBetween(1, MAX_KEYS);
		assertThat(this.store.sweep(Duration.ofSeconds(1))).isFalse();
	}

	@Test
	void saysWhatItCantKeep() {
		assertThat(this.store.supports(window("3/h"))).isTrue();
		RateRule bucket = RateRule.builder("b").rate("3/h").build();
		assertThat(this.store.supports(bucket)).isFalse();
		assertThat(this.store.supports(window("3/h").toBuilder().rate("9/d").build())).isFalse();
		this.limits.define(bucket);
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.tryAcquire("b", "k"))
			.withMessageContaining("'b'");
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.acquire("c", "k", 1, Duration.ofSeconds(1)))
			.withMessageContaining("wait");
	}

	@Test
	void bulkheadLimitsConcurrency() throws Exception {
		RateDecision one = this.limits.tryAcquire("c", "k");
		RateDecision two = this.limits.acquireAsync("c", "k", 1, Duration.ZERO).get();
		assertThat(List.of(one, two)).allMatch(RateDecision::isHeld);
		assertThat(this.limits.tryAcquire("c", "k").isAdmitted()).isFalse();
		assertThat(this.limits.peek("c", "k").remaining()).isZero();
		assertThat(this.limits.peek("c", "other").remaining()).isEqualTo(2);
		one.close();
		one.close();
		assertThat(this.limits.peek("c", "k").remaining()).isEqualTo(1);
		two.close();
		assertThat(this.bulkheads.size()).as("nobody is in").isZero();
		this.limits.tryAcquire("c", "k");
		this.limits.define(RateRule.builder("c").algorithm(RateAlgorithm.CONCURRENCY).limit(3).build());
		assertThat(this.limits.tryAcquire("c", "k").isAdmitted()).isTrue();
		assertThat(this.limits.tryAcquire("c", "k").isAdmitted()).isTrue();
		assertThat(this.limits.tryAcquire("c", "k").isAdmitted()).isFalse();
		this.limits.reset("c", "k");
		assertThat(this.limits.peek("c", "k").remaining()).isEqualTo(3);
	}

	@Test
	void rulesAreInTheRegistryOfLimiters() {
		RateLimiterRegistry registry = RateLimiterRegistry.ofDefaults();
		RateLimiter own = registry.rateLimiter("own");
		this.limits.define(RateRule.builder("own").rate("1/s").build());
		Resilience4jRegistrar.register(this.limits, registry);
		assertThat(registry.getAllRateLimiters()).extracting(RateLimiter::getName).containsOnly("own", "r");
		assertThat(registry.rateLimiter("own")).isSameAs(own);
		RateLimiter limiter = registry.rateLimiter("r");
		List<String> events = new ArrayList<>();
		limiter.getEventPublisher().onEvent((event) -> events.add(event.getEventType().name()));
		assertThat(limiter.getMetrics().getAvailablePermissions()).isEqualTo(3);
		assertThat(limiter.getRateLimiterConfig().getLimitForPeriod()).isEqualTo(3);
		assertThat(limiter.getRateLimiterConfig().getLimitRefreshPeriod()).isEqualTo(Duration.ofHours(1));
		AtomicInteger done = new AtomicInteger();
		limiter.executeRunnable(done::incrementAndGet);
		assertThat(limiter.reservePermission()).isZero();
		this.limits.tryAcquire("r", "");
		assertThat(limiter.getMetrics().getAvailablePermissions()).isZero();
		assertThat(limiter.getMetrics().getNumberOfWaitingThreads()).isZero();
		assertThatExceptionOfType(RequestNotPermitted.class)
			.isThrownBy(() -> limiter.executeRunnable(done::incrementAndGet));
		assertThat(limiter.reservePermission()).isNegative();
		assertThat(done).hasValue(1);
		assertThat(events).containsExactly("SUCCESSFUL_ACQUIRE", "SUCCESSFUL_ACQUIRE", "SUCCESSFUL_ACQUIRE",
				"FAILED_ACQUIRE", "FAILED_ACQUIRE");
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> limiter.changeLimitForPeriod(5));
	}

	@Test
	void rulesAreInTheRegistryOfBulkheads() {
		BulkheadRegistry registry = BulkheadRegistry.ofDefaults();
		Resilience4jRegistrar.register(this.limits, registry);
		assertThat(registry.getAllBulkheads()).extracting(Bulkhead::getName).containsOnly("c");
		Bulkhead bulkhead = registry.bulkhead("c");
		List<String> events = new ArrayList<>();
		bulkhead.getEventPublisher().onEvent((event) -> events.add(event.getEventType().name()));
		RateDecision other = this.limits.tryAcquire("c", "");
		bulkhead.executeRunnable(() -> {
			assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isZero();
			assertThat(bulkhead.tryAcquirePermission()).isFalse();
		});
		assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isEqualTo(1);
		assertThat(bulkhead.getMetrics().getMaxAllowedConcurrentCalls()).isEqualTo(2);
		other.close();
		assertThat(bulkhead.getMetrics().getAvailableConcurrentCalls()).isEqualTo(2);
		assertThat(events).containsExactly("CALL_PERMITTED", "CALL_PERMITTED", "CALL_REJECTED", "CALL_FINISHED");
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> bulkhead.changeConfig(bulkhead.getBulkheadConfig()));
	}

}
