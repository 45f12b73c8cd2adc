package io.concord.ratelimit.resilience4j;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;

import io.concord.ratelimit.RateAlgorithm;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateRule;
import io.concord.ratelimit.RateSpec;
import io.concord.ratelimit.RateSpec.Bandwidth;
import io.concord.ratelimit.RateSpec.Kind;
import io.concord.ratelimit.RateVerdict;

/**
 * Keeps fixed windows of one rate in limiters of resilience4j, in the memory of this JVM:
 * one for each key. Their windows begin when the limiter does and not with the clock, and
 * a changed rate counts from the next one on. A bounded number of keys: if it is
 * exceeded, limiters that have all their permits are forgotten, and then others.
 * Thread-safe.
 */
public final class Resilience4jRateLimitStore implements RateLimitStore {

	private final Map<Name, AtomicRateLimiter> limiters = new ConcurrentHashMap<>();

	private final int maxKeys;

	/**
	 * Creates a store.
	 * @param maxKeys the greatest number of keys; positive
	 */
	public Resilience4jRateLimitStore(int maxKeys) {
		if (maxKeys < 1) {
			throw new IllegalArgumentException("The greatest number of keys must be positive, not " + maxKeys);
		}
		this.maxKeys = maxKeys;
	}

	@Override
	public String describe() {
		return "limiters of resilience4j in this JVM";
	}

	@Override
	public String kind() {
		return "resilience4j";
	}

	@Override
	public boolean isLocal() {
		return true;
	}

	@Override
	public boolean supports(RateRule rule) {
		return rule.algorithm() == RateAlgorithm.FIXED_WINDOW && rule.rates().size() == 1
				&& rule.rates().get(0).permits() <= Integer.MAX_VALUE;
	}

	private static boolean canKeep(RateSpec spec) {
		return spec.kind() == Kind.FIXED_WINDOW && spec.bandwidths().size() == 1
				&& spec.bandwidths().get(0).capacity() <= Integer.MAX_VALUE;
	}

	@Override
	public RateVerdict take(RateQuery query, Duration timeout) {
		AtomicRateLimiter limiter = limiter(query);
		long granted = query.permits();
		if (!limiter.acquirePermission(Math.toIntExact(granted))) {
			granted = query.partial() ? Math.max(0, limiter.getMetrics().getAvailablePermissions()) : 0;
			if (granted == 0 || !limiter.acquirePermission(Math.toIntExact(granted))) {
				return refused(limiter);
			}
		}
		return new RateVerdict(granted, 0, Math.max(0, limiter.getMetrics().getAvailablePermissions()));
	}

	@Override
	public RateVerdict peek(RateQuery query, Duration timeout) {
		AtomicRateLimiter limiter = limiter(query);
		int available = limiter.getMetrics().getAvailablePermissions();
		return (available >= query.permits())
				? new RateVerdict(query.permits(), 0, Math.max(0, available - query.permits())) : refused(limiter);
	}

	/** It tells for one permit only; more may come as soon, as each window brings all. */
	private static RateVerdict refused(AtomicRateLimiter limiter) {
		return new RateVerdict(0, Math.max(1, limiter.getDetailedMetrics().getNanosToWait() / 1_000), 0);
	}

	private AtomicRateLimiter limiter(RateQuery query) {
		if (!canKeep(query.spec()) || query.now() != RateQuery.STORE_TIME) {
			throw new IllegalArgumentException("resilience4j keeps fixed windows of one rate by its own time, not "
					+ query.spec() + " of rate limit '" + query.rule() + "'");
		}
		Bandwidth bandwidth = query.spec().bandwidths().get(0);
		int permits = Math.toIntExact(bandwidth.capacity());
		Name name = new Name(query.rule(), bandwidth.cost(), query.key());
		AtomicRateLimiter limiter = this.limiters.get(name);
		if (limiter == null) {
			if (this.limiters.size() >= this.maxKeys) {
				purge();
			}
			limiter = this.limiters.computeIfAbsent(name, (absent) -> create(query.rule(), bandwidth.cost(), permits));
		}
		if (limiter.getRateLimiterConfig().getLimitForPeriod() != permits) {
			limiter.changeLimitForPeriod(permits);
		}
		return limiter;
	}

	private static AtomicRateLimiter create(String rule, long micros, int permits) {
		return new AtomicRateLimiter(rule,
				RateLimiterConfig.custom()
					.limitRefreshPeriod(Duration.ofNanos(micros * 1_000))
					.limitForPeriod(permits)
					.timeoutDuration(Duration.ZERO)
					.build());
	}

	/** One that has all its permits says nothing. */
	private void purge() {
		this.limiters.values().removeIf(Resilience4jRateLimitStore::isFull);
		Iterator<Name> names = this.limiters.keySet().iterator();
		while (this.limiters.size() > this.maxKeys - this.maxKeys / 10 && names.hasNext()) {
			names.next();
			names.remove();
		}
	}

	private static boolean isFull(AtomicRateLimiter limiter) {
		return limiter.getMetrics().getAvailablePermissions() >= limiter.getRateLimiterConfig().getLimitForPeriod();
	}

	@Override
	public void reset(String rule, String key, Duration timeout) {
		this.limiters.keySet().removeIf((name) -> name.rule().equals(rule) && name.key().equals(key));
	}

	@Override
	public boolean sweep(Duration timeout) {
		this.limiters.values().removeIf(Resilience4jRateLimitStore::isFull);
		return false;
	}

	/** How many keys are kept. */
	int size() {
		return this.limiters.size();
	}

	@Override
	public void close() {
		this.limiters.clear();
	}

	/**
	 * Whose limiter it is. One can't change its period.
	 *
	 * @param rule name of the rule
	 * @param period its period, µs
	 * @param key the key
	 */
	private record Name(String rule, long period, String key) {
	}

}
