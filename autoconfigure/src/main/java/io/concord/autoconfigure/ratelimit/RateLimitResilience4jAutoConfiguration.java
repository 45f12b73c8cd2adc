package io.concord.autoconfigure.ratelimit;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.resilience4j.Resilience4jRegistrar;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that puts rate limits into the
 * registries of resilience4j that the application has: when all beans are there, as these
 * may be anybody's.
 */
@AutoConfiguration(after = RateLimitAutoConfiguration.class)
@ConditionalOnClass(RateLimits.class)
@ConditionalOnBean(DefaultRateLimits.class)
public final class RateLimitResilience4jAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RateLimiterRegistry.class)
	static class LimiterConfiguration {

		@Bean
		SmartInitializingSingleton concordRateLimitsInResilience4j(DefaultRateLimits limits,
				ObjectProvider<RateLimiterRegistry> registry) {
			return () -> registry.ifUnique((unique) -> Resilience4jRegistrar.register(limits, unique));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(BulkheadRegistry.class)
	static class BulkheadConfiguration {

		@Bean
		SmartInitializingSingleton concordConcurrencyLimitsInResilience4j(DefaultRateLimits limits,
				ObjectProvider<BulkheadRegistry> registry) {
			return () -> registry.ifUnique((unique) -> Resilience4jRegistrar.register(limits, unique));
		}

	}

}
