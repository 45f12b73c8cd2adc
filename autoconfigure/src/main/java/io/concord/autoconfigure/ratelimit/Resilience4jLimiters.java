package io.concord.autoconfigure.ratelimit;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.ratelimit.ConcurrencyLimits;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.resilience4j.BulkheadConcurrency;
import io.concord.ratelimit.resilience4j.Resilience4jRateLimitStore;

/**
 * Creates what limits by resilience4j, if that is on the class path.
 */
final class Resilience4jLimiters {

	private Resilience4jLimiters() {
	}

	static ConcurrencyLimits concurrency(@Nullable ClassLoader loader) {
		require("io.github.resilience4j.bulkhead.Bulkhead", "resilience4j-bulkhead", loader);
		require("io.github.resilience4j.ratelimiter.RateLimiter", "resilience4j-ratelimiter", loader);
		return new BulkheadConcurrency();
	}

	static RateLimitStore store(int maxKeys) {
		return new Resilience4jRateLimitStore(maxKeys);
	}

	private static void require(String type, String dependency, @Nullable ClassLoader loader) {
		if (!ClassUtils.isPresent(type, loader)) {
			throw InvalidConcordConfigurationException.ofProperty(RateLimitProperties.PREFIX + ".local-limiter",
					"resilience4j", "but its libraries are not on the class path.",
					"Add the dependency 'io.github.resilience4j:" + dependency + "', or remove the property.");
		}
	}

}
