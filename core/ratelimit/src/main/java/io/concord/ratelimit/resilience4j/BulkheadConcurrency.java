package io.concord.ratelimit.resilience4j;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import org.jspecify.annotations.Nullable;

import io.concord.ratelimit.ConcurrencyLimits;
import io.concord.ratelimit.RateRule;

/**
 * Limits concurrency in this JVM by bulkheads of resilience4j, one for each key that is
 * in use. Nobody waits: a bulkhead would park the thread. Thread-safe: what is done with
 * a bulkhead is done under the lock of its entry, so that none goes that somebody has
 * just entered.
 */
public final class BulkheadConcurrency implements ConcurrencyLimits {

	private final Map<Name, Bulkhead> bulkheads = new ConcurrentHashMap<>();

	@Override
	public Optional<Permit> acquire(RateRule rule, String key, Duration maxWait) {
		if (!maxWait.isZero()) {
			throw new IllegalArgumentException("A bulkhead of resilience4j lets nobody wait: " + rule);
		}
		Name name = new Name(rule.name(), key);
		AtomicReference<@Nullable Permit> permit = new AtomicReference<>();
		this.bulkheads.compute(name, (same, present) -> {
			Bulkhead bulkhead = present;
			if (bulkhead == null) {
				bulkhead = Bulkhead.of(rule.name(), config(rule));
			}
			else if (bulkhead.getBulkheadConfig().getMaxConcurrentCalls() != rule.limit()) {
				bulkhead.changeConfig(config(rule));
			}
			if (bulkhead.tryAcquirePermission()) {
				permit.set(new Entered(name, bulkhead));
			}
			return isEmpty(bulkhead) ? null : bulkhead;
		});
		return Optional.ofNullable(permit.get());
	}

	private static BulkheadConfig config(RateRule rule) {
		return BulkheadConfig.custom().maxConcurrentCalls(rule.limit()).maxWaitDuration(Duration.ZERO).build();
	}

	private static boolean isEmpty(Bulkhead bulkhead) {
		Bulkhead.Metrics metrics = bulkhead.getMetrics();
		return metrics.getAvailableConcurrentCalls() >= metrics.getMaxAllowedConcurrentCalls();
	}

	@Override
	public CompletableFuture<Optional<Permit>> acquireAsync(RateRule rule, String key, Duration maxWait) {
		return CompletableFuture.completedFuture(acquire(rule, key, maxWait));
	}

	@Override
	public long available(RateRule rule, String key) {
		Bulkhead bulkhead = this.bulkheads.get(new Name(rule.name(), key));
		return (bulkhead != null) ? bulkhead.getMetrics().getAvailableConcurrentCalls() : rule.limit();
	}

	@Override
	public void reset(RateRule rule, String key) {
		this.bulkheads.remove(new Name(rule.name(), key));
	}

	@Override
	public boolean canWait() {
		return false;
	}

	/** How many keys are in use. */
	int size() {
		return this.bulkheads.size();
	}

	/**
	 * Whose bulkhead it is.
	 *
	 * @param rule name of the rule
	 * @param key the key
	 */
	private record Name(String rule, String key) {
	}

	private final class Entered implements Permit {

		private final Name name;

		private final Bulkhead bulkhead;

		private final AtomicBoolean left = new AtomicBoolean();

		Entered(Name name, Bulkhead bulkhead) {
			this.name = name;
			this.bulkhead = bulkhead;
		}

		@Override
		public boolean isHeld() {
			return !this.left.get();
		}

		@Override
		public void release() {
			if (this.left.compareAndSet(false, true)) {
				this.bulkhead.onComplete();
				BulkheadConcurrency.this.bulkheads.computeIfPresent(this.name,
						(same, present) -> (present == this.bulkhead && isEmpty(present)) ? null : present);
			}
		}

	}

}
