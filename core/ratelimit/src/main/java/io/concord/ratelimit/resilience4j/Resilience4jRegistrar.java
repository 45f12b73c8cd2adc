package io.concord.ratelimit.resilience4j;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateRule;

/**
 * Puts an adapter for each rule into the registries of resilience4j, so that its
 * dashboards, meters and events show them, and its decorators can use them for the empty
 * key. Rules that are defined later are not there. Stateless.
 */
public final class Resilience4jRegistrar {

	private static final Logger logger = LoggerFactory.getLogger(Resilience4jRegistrar.class);

	private Resilience4jRegistrar() {
	}

	/**
	 * Registers all rules for rates.
	 * @param limits who decides
	 * @param registry the registry
	 */
	public static void register(DefaultRateLimits limits, RateLimiterRegistry registry) {
		for (RateRule rule : limits.rules()) {
			if (rule.limit() == 0 && isFree(registry.find(rule.name()).isPresent(), rule)) {
				RateLimiterAdapter adapter = new RateLimiterAdapter(limits, rule);
				// There is no other way in than to replace one.
				registry.rateLimiter(rule.name(), adapter.getRateLimiterConfig());
				registry.replace(rule.name(), adapter);
				limits.addListener(adapter);
			}
		}
	}

	/**
	 * Registers all rules for concurrency.
	 * @param limits who decides
	 * @param registry the registry
	 */
	public static void register(DefaultRateLimits limits, BulkheadRegistry registry) {
		for (RateRule rule : limits.rules()) {
			if (rule.limit() > 0 && isFree(registry.find(rule.name()).isPresent(), rule)) {
				BulkheadAdapter adapter = new BulkheadAdapter(limits, rule);
				registry.bulkhead(rule.name(), adapter.getBulkheadConfig());
				registry.replace(rule.name(), adapter);
				limits.addListener(adapter);
			}
		}
	}

	private static boolean isFree(boolean taken, RateRule rule) {
		if (taken) {
			logger.warn("Rate limit '{}' is not in the registry of resilience4j, as it has one of that name",
					rule.name());
		}
		return !taken;
	}

}
