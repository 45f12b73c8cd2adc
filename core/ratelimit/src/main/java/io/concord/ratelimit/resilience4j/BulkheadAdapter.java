package io.concord.ratelimit.resilience4j;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.bulkhead.event.BulkheadEvent;
import io.github.resilience4j.bulkhead.event.BulkheadOnCallFinishedEvent;
import io.github.resilience4j.bulkhead.event.BulkheadOnCallPermittedEvent;
import io.github.resilience4j.bulkhead.event.BulkheadOnCallRejectedEvent;
import io.github.resilience4j.core.EventConsumer;
import io.github.resilience4j.core.EventProcessor;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitListener;
import io.concord.ratelimit.RateRule;

/**
 * A rule as a bulkhead of resilience4j. Its meters ask no store: they tell what this
 * process leaves of the limit.
 */
final class BulkheadAdapter implements Bulkhead, RateLimitListener {

	private final Events events = new Events();

	private final DefaultRateLimits limits;

	private final String rule;

	/**
	 * Of those who entered here and will say so when they leave, but not who they are.
	 */
	private final Queue<RateDecision> entered = new ConcurrentLinkedQueue<>();

	BulkheadAdapter(DefaultRateLimits limits, RateRule rule) {
		this.limits = limits;
		this.rule = rule.name();
	}

	private RateRule rule() {
		return this.limits.rule(this.rule).orElseThrow();
	}

	@Override
	public void decided(RateDecision decision) {
		if (decision.rule().name().equals(this.rule) && this.events.hasConsumers()) {
			this.events.processEvent(decision.isAdmitted() ? new BulkheadOnCallPermittedEvent(this.rule)
					: new BulkheadOnCallRejectedEvent(this.rule));
		}
	}

	@Override
	public boolean tryAcquirePermission() {
		RateDecision decision = this.limits.acquire(this.rule, "", 1, rule().maxWait());
		if (decision.isAdmitted()) {
			this.entered.add(decision);
		}
		return decision.isAdmitted();
	}

	@Override
	public void acquirePermission() {
		if (!tryAcquirePermission()) {
			throw BulkheadFullException.createBulkheadFullException(this);
		}
	}

	@Override
	public void releasePermission() {
		RateDecision one = this.entered.poll();
		if (one != null) {
			one.close();
		}
	}

	@Override
	public void onComplete() {
		releasePermission();
		if (this.events.hasConsumers()) {
			this.events.processEvent(new BulkheadOnCallFinishedEvent(this.rule));
		}
	}

	@Override
	public void changeConfig(BulkheadConfig newConfig) {
		throw new UnsupportedOperationException("It is changed by the rule of Concord, which all processes share");
	}

	@Override
	public String getName() {
		return this.rule;
	}

	@Override
	public BulkheadConfig getBulkheadConfig() {
		return BulkheadConfig.custom().maxConcurrentCalls(rule().limit()).maxWaitDuration(rule().maxWait()).build();
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
			public int getAvailableConcurrentCalls() {
				BulkheadAdapter adapter = BulkheadAdapter.this;
				return (int) Math.max(0, adapter.rule().limit() - adapter.limits.statistics(adapter.rule).held());
			}

			@Override
			public int getMaxAllowedConcurrentCalls() {
				return rule().limit();
			}

		};
	}

	private static final class Events extends EventProcessor<BulkheadEvent> implements EventPublisher {

		@Override
		public EventPublisher onCallRejected(EventConsumer<BulkheadOnCallRejectedEvent> consumer) {
			registerConsumer(BulkheadOnCallRejectedEvent.class.getName(), consumer);
			return this;
		}

		@Override
		public EventPublisher onCallPermitted(EventConsumer<BulkheadOnCallPermittedEvent> consumer) {
			registerConsumer(BulkheadOnCallPermittedEvent.class.getName(), consumer);
			return this;
		}

		@Override
		public EventPublisher onCallFinished(EventConsumer<BulkheadOnCallFinishedEvent> consumer) {
			registerConsumer(BulkheadOnCallFinishedEvent.class.getName(), consumer);
			return this;
		}

	}

}
