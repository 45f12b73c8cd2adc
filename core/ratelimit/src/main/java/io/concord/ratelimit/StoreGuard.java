package io.concord.ratelimit;

import java.time.Duration;
import java.util.function.Supplier;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;

import io.concord.lease.LeaseStoreException;

/**
 * Stands before a store: after some failures nobody asks it for a second, so a store that
 * is down costs a call nothing but now and then. Thread-safe.
 */
final class StoreGuard {

	private static final Duration PAUSE = Duration.ofSeconds(1);

	private static final int LEAST_CALLS = 5;

	private final CircuitBreaker breaker = CircuitBreaker.of("concord-ratelimit",
			CircuitBreakerConfig.custom()
				.slidingWindowSize(2 * LEAST_CALLS)
				.minimumNumberOfCalls(LEAST_CALLS)
				.failureRateThreshold(50)
				.waitDurationInOpenState(PAUSE)
				.permittedNumberOfCallsInHalfOpenState(1)
				.recordExceptions(LeaseStoreException.class)
				.build());

	<T> T call(Supplier<T> call) {
		if (!this.breaker.tryAcquirePermission()) {
			throw new LeaseStoreException("The store of rate limits has failed again and again, and is not asked for "
					+ PAUSE.toMillis() + " ms");
		}
		long start = this.breaker.getCurrentTimestamp();
		try {
			T answer = call.get();
			this.breaker.onSuccess(this.breaker.getCurrentTimestamp() - start, this.breaker.getTimestampUnit());
			return answer;
		}
		catch (Throwable ex) {
			this.breaker.onError(this.breaker.getCurrentTimestamp() - start, this.breaker.getTimestampUnit(), ex);
			throw ex;
		}
	}

}
