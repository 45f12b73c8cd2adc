package io.concord.autoconfigure.ratelimit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateLimits;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of meters of rate limits.
 */
@AutoConfiguration(after = RateLimitAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({ RateLimits.class, MeterRegistry.class })
@ConditionalOnBean({ DefaultRateLimits.class, MeterRegistry.class })
public final class RateLimitMetricsAutoConfiguration {

	@Bean
	MeterBinder concordRateLimitMeters(DefaultRateLimits limits) {
		return new RateLimitMeters(limits);
	}

}
