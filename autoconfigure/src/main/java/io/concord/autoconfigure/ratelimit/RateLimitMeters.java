package io.concord.autoconfigure.ratelimit;

import java.util.Map;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateLimitStatistics;
import io.concord.ratelimit.RateRule;

/**
 * What became of the calls of each rule, by outcome and never by key. Rules that are
 * defined after the start have no meters.
 */
final class RateLimitMeters implements MeterBinder {

	private static final Map<String, ToDoubleFunction<RateLimitStatistics>> OUTCOMES = Map.of("admitted",
			RateLimitStatistics::admitted, "refused", RateLimitStatistics::refused, "shadowed",
			RateLimitStatistics::shadowed, "unchecked", RateLimitStatistics::unchecked, "failed",
			RateLimitStatistics::failed);

	private final DefaultRateLimits limits;

	RateLimitMeters(DefaultRateLimits limits) {
		this.limits = limits;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (RateRule rule : this.limits.rules()) {
			String name = rule.name();
			OUTCOMES.forEach((outcome, value) -> FunctionCounter
				.builder("concord.ratelimit.calls", this.limits,
						(limits) -> value.applyAsDouble(limits.statistics(name)))
				.description("Calls of a rate limit by what became of them")
				.tag("name", name)
				.tag("outcome", outcome)
				.register(registry));
			FunctionCounter
				.builder("concord.ratelimit.store.calls", this.limits, (limits) -> limits.statistics(name).asked())
				.description("Calls to the store of rate limits")
				.tag("name", name)
				.register(registry);
			FunctionCounter.builder("concord.ratelimit.ahead", this.limits, (limits) -> limits.statistics(name).ahead())
				.description("Calls that were granted a permit which had been taken ahead")
				.tag("name", name)
				.register(registry);
			Gauge.builder("concord.ratelimit.overshoot", this.limits, (limits) -> limits.statistics(name).overshoot())
				.description("Calls by which this process has been beyond the limit in a window at most")
				.tag("name", name)
				.register(registry);
			FunctionCounter.builder("concord.ratelimit.alone", this.limits, (limits) -> limits.statistics(name).alone())
				.description("Calls that this process decided by its part of the limit, as the store had failed")
				.tag("name", name)
				.register(registry);
		}
	}

}
