package io.concord.benchmark;

import java.time.Duration;

import javax.sql.DataSource;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.LeasedConcurrency;
import io.concord.ratelimit.RateLimitSettings;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.jdbc.JdbcRateLimitStore;
import io.concord.ratelimit.local.LocalRateLimitStore;
import io.concord.ratelimit.redis.RedisRateLimitStore;

/**
 * Token buckets of Concord. All that is between an application and a store is measured.
 */
final class ConcordRates {

	static final String NAMESPACE = "benchmark";

	static final String RULE = "rule";

	/** On a loaded machine calls take their time; failures are not what is measured. */
	private static final Duration TIMEOUT = RateLimitSettings.LONGEST_STORE_TIMEOUT;

	private static final Duration LEASE_TIME = Duration.ofSeconds(30);

	private ConcordRates() {
	}

	static RateRule rule(long rate, double overAdmission) {
		return RateRule.builder(RULE + rate).rate(rate + "/s").overAdmission(overAdmission).build();
	}

	static RateSource redis(Addresses addresses, long rate, double overAdmission) {
		return of(new RedisRateLimitStore(RedisLocks.connections(addresses),
				NAMESPACE + ((overAdmission > 0) ? "-ahead" : "")), rate, overAdmission);
	}

	static RateSource postgres(Addresses addresses, JdbcLocks.Wrapper wrapper, long rate, double overAdmission) {
		DataSource pool = JdbcLocks.pool(addresses);
		new ResourceDatabasePopulator(new ClassPathResource(JdbcRateLimitStore.schemaLocation(pool))).execute(pool);
		return of(new JdbcRateLimitStore(wrapper.wrap(pool), NAMESPACE + ((overAdmission > 0) ? "-ahead" : ""),
				JdbcRateLimitStore.DEFAULT_TABLE_PREFIX), rate, overAdmission);
	}

	static RateSource local(long rate) {
		return of(new LocalRateLimitStore(LocalRateLimitStore.DEFAULT_MAX_KEYS), rate, 0);
	}

	private static RateSource of(RateLimitStore store, long rate, double overAdmission) {
		RateRule rule = rule(rate, overAdmission);
		DefaultRateLimits limits = new DefaultRateLimits(() -> store, new LeasedConcurrency(() -> {
			throw new IllegalStateException("Nothing here limits concurrency");
		}, LEASE_TIME), () -> store, () -> 1, new RateLimitSettings(TIMEOUT, 0));
		limits.define(rule);
		String name = rule.name();
		return (key) -> limits.tryAcquire(name, key).isAdmitted();
	}

}
