package io.concord.autoconfigure.lease;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import io.concord.lease.LeaseLabel;

/**
 * A gauge of waiting requests for each label and kind of store, of which there are few.
 */
final class WaiterGauges implements WaiterCount {

	private final MeterRegistry registry;

	private final Map<Key, AtomicInteger> counts = new ConcurrentHashMap<>();

	WaiterGauges(MeterRegistry registry) {
		this.registry = registry;
	}

	@Override
	public void add(LeaseLabel label, String store, int change) {
		this.counts.computeIfAbsent(new Key(label, store), this::register).addAndGet(change);
	}

	private AtomicInteger register(Key key) {
		AtomicInteger count = new AtomicInteger();
		Gauge.builder("concord." + key.label().feature() + ".waiters", count, AtomicInteger::get)
			.description("Calls of this process that wait")
			.tag("name", key.label().name())
			.tag("store", key.store())
			.register(this.registry);
		return count;
	}

	private record Key(LeaseLabel label, String store) {
	}

}
