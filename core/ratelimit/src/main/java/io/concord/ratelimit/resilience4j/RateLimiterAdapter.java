package io.concord.ratelimit.resilience4j;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.event.RateLimiterOnFailureEvent;
import io.github.resilience4j.ratelimiter.event.RateLimiterOnSuccessEvent;
import io.github.resilience4j.ratelimiter.internal.RateLimiterEventProcessor;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitListener;
import io.concord.ratelimit.RateRule;

/**
 * A rule as a limiter of resilience4j. Its meters ask no store: they tell what the last
 * decision left, whatever its key.
 */
final class RateLimiterAdapter implements RateLimiter, RateLimitListener {

	private static final String NOT_HERE = "It is changed by the rule of Concord, which all processes share";

	private final RateLimiterEventProcessor events = new RateLimiterEventProcessor();

	private final DefaultRateLimits limits;

	private final String rule;

	private final AtomicInteger waiting = new AtomicInteger();

	private volatile long available;

	RateLimiterAdapter(DefaultRateLimits limits, RateRule rule) {
		this.limits = limits;
		this.rule = rule.name();
		this.available = rule.mostPermits();
	}

	private RateRule rule() {
		return this.limits.rule(this.rule).orElseThrow();
	}

	@Override
	public void decided(RateDecision decision) {
		if (decision.rule().name().equals(this.rule)) {
			if (decision.remaining() >= 0) {
				this.available = decision.remaining();
			}
			if (this.events.hasConsumers()) {
				this.events.consumeEvent(decision.isAdmitted() ? new RateLimiterOnSuccessEvent(this.rule)
						: new RateLimiterOnFailureEvent(this.rule));
			}
		}
	}

	@Override
	public boolean acquirePermission(int permits) {
		this.waiting.incrementAndGet();
		try {
			return this.limits.acquire(this.rule, "", permits, rule().maxWait()).isAdmitted();
		}
		finally {
			this.waiting.decrementAndGet();
		}
	}

	/** At once or not at all: a reservation would have to be waited for elsewhere. */
	@Override
	public long reservePermission(int permits) {
		return this.limits.tryAcquire(this.rule, "", permits).isAdmitted() ? 0 : -1;
	}

	@Override
	public void changeTimeoutDuration(Duration timeoutDuration) {
		throw new UnsupportedOperationException(NOT_HERE);
	}

	@Override
	public void changeLimitForPeriod(int limitForPeriod) {
		throw new UnsupportedOperationException(NOT_HERE);
	}

	@Override
	public void drainPermissions() {
		throw new UnsupportedOperationException(NOT_HERE);
	}

	@Override
	public String getName() {
		return this.rule;
	}

	/** As far as that has words for it: the rate that comes first. */
	@Override
	public RateLimiterConfig getRateLimiterConfig() {
		RateRule current = rule();
		return RateLimiterConfig.custom()
			.limitForPeriod((int) Math.min(Integer.MAX_VALUE, current.rates().get(0).permits()))
			.limitRefreshPeriod(current.rates().get(0).period())
			.timeoutDuration(current.maxWait())
			.build();
	}

	@Override
	public Map<String, String> getTags() {
		return Map.of();
	}

	@Override
	public EventPublisher getEventPublisher() {
		return this.events;
	}

	@Override
	public Metrics getMetrics() {
		return new Metrics() {

			@Override
			public int getNumberOfWaitingThreads() {
				return RateLimiterAdapter.this.waiting.get();
			}

			@Override
			public int getAvailablePermissions() {
				return (int) Math.min(Integer.MAX_VALUE, RateLimiterAdapter.this.available);
			}

		};
	}

}
