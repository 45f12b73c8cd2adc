package io.concord.autoconfigure.loadbalancer;

import java.util.Locale;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import io.concord.loadbalancer.BalancerObserver;
import io.concord.loadbalancer.EjectionReason;

/**
 * Counts ejections.
 */
final class MeterBalancerObserver implements BalancerObserver {

	private final MeterRegistry registry;

	MeterBalancerObserver(MeterRegistry registry) {
		this.registry = registry;
	}

	@Override
	public void ejected(String service, String instance, EjectionReason reason) {
		Counter.builder("concord.loadbalancer.ejections")
			.description("Instances that got no calls for a while as they failed")
			.tag("service", service)
			.tag("reason", reason.name().toLowerCase(Locale.ROOT).replace('_', '-'))
			.register(this.registry)
			.increment();
	}

}
