package io.concord.autoconfigure.lease;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStoreException;

/**
 * Whether the stores that are open can be reached, and how fast they answer. Each is
 * asked once, by a call that changes nothing and has the store's time-out; for a moment
 * the answer then serves all probes.
 */
final class LeaseStoresHealthIndicator implements HealthIndicator {

	static final Duration KEPT = Duration.ofSeconds(1);

	private final LeaseStores stores;

	private final LongSupplier nanoTime;

	/** So that probes that come together ask once; waits for the stores' time-outs. */
	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable Health last;

	private long checked;

	LeaseStoresHealthIndicator(LeaseStores stores, LongSupplier nanoTime) {
		this.stores = stores;
		this.nanoTime = nanoTime;
	}

	@Override
	public Health health() {
		this.lock.lock();
		try {
			Health health = this.last;
			if (health == null || this.nanoTime.getAsLong() - this.checked > KEPT.toNanos()) {
				health = check();
				this.last = health;
				this.checked = this.nanoTime.getAsLong();
			}
			return health;
		}
		finally {
			this.lock.unlock();
		}
	}

	private Health check() {
		Health.Builder health = Health.up();
		Map<String, Object> answers = new LinkedHashMap<>();
		for (LeaseEngine engine : this.stores.open()) {
			try {
				Duration latency = engine.ping();
				answers.put(engine.store().describe(), Map.of("status", "UP", "latencyMillis", latency.toMillis()));
			}
			catch (LeaseStoreException ex) {
				health.down();
				answers.put(engine.store().describe(),
						Map.of("status", "DOWN", "error", String.valueOf(ex.getMessage())));
			}
		}
		return health.withDetail("stores", answers).build();
	}

}
