package io.concord.ratelimit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseRequest;

/**
 * Permits that are leases: that of a process which dies comes back. Thread-safe.
 */
public final class LeasedConcurrency implements ConcurrencyLimits {

	/** What leases have before the name, so that features don't meet in a store. */
	private static final String RESOURCE_PREFIX = "rate:";

	private final Supplier<LeaseEngine> engine;

	private final Duration leaseTime;

	/**
	 * Creates limits.
	 * @param engine gives leases; asked for with each call and not closed
	 * @param leaseTime after which the permit of a crashed process is free again;
	 * positive
	 */
	public LeasedConcurrency(Supplier<LeaseEngine> engine, Duration leaseTime) {
		if (leaseTime.toMillis() < 1) {
			throw new IllegalArgumentException("The lease time must be positive, not " + leaseTime);
		}
		this.engine = engine;
		this.leaseTime = leaseTime;
	}

	@Override
	public Optional<Permit> acquire(RateRule rule, String key, Duration maxWait) {
		LeaseEngine current = this.engine.get();
		return current.acquire(request(current, rule, key, maxWait)).map(LeasedPermit::new);
	}

	@Override
	public CompletableFuture<Optional<Permit>> acquireAsync(RateRule rule, String key, Duration maxWait) {
		LeaseEngine current = this.engine.get();
		CompletableFuture<Optional<Lease>> acquiring = current.acquireAsync(request(current, rule, key, maxWait));
		CompletableFuture<Optional<Permit>> permit = new CompletableFuture<>();
		acquiring.whenComplete((lease, failure) -> {
			if (failure != null) {
				permit.completeExceptionally((failure instanceof CompletionException && failure.getCause() != null)
						? failure.getCause() : failure);
			}
			else if (!permit.complete(lease.map(LeasedPermit::new))) {
				lease.ifPresent(Lease::release);
			}
		});
		permit.whenComplete((granted, failure) -> {
			if (permit.isCancelled()) {
				acquiring.cancel(true);
			}
		});
		return permit;
	}

	private LeaseRequest request(LeaseEngine engine, RateRule rule, String key, Duration maxWait) {
		Duration least = engine.minLeaseTime();
		return LeaseRequest
			.limited(resource(rule, key), rule.limit(), maxWait,
					(this.leaseTime.compareTo(least) < 0) ? least : this.leaseTime)
			.labelled(new LeaseLabel("ratelimit", rule.name()));
	}

	private static String resource(RateRule rule, String key) {
		return RESOURCE_PREFIX + rule.name() + "/" + key;
	}

	@Override
	public long available(RateRule rule, String key) {
		return this.engine.get()
			.inspect(resource(rule, key))
			.map((state) -> (long) Math.max(0, rule.limit() - state.holders().size()))
			.orElse(-1L);
	}

	@Override
	public void reset(RateRule rule, String key) {
		this.engine.get().forceRelease(resource(rule, key));
	}

	/**
	 * A lease as a permit.
	 *
	 * @param lease the lease
	 */
	private record LeasedPermit(Lease lease) implements Permit {

		@Override
		public boolean isHeld() {
			return this.lease.isValid();
		}

		@Override
		public void release() {
			this.lease.release();
		}

	}

}
