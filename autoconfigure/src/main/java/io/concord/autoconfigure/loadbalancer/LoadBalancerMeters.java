package io.concord.autoconfigure.loadbalancer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

import org.springframework.cloud.client.ServiceInstance;

import io.concord.loadbalancer.Target;

/**
 * Meters of each instance, as long as its registry names it: instances come and go, their
 * meters must not stay for ever.
 */
final class LoadBalancerMeters {

	private final MeterRegistry registry;

	/** By service; what is inside is touched by one thread at a time. */
	private final Map<String, Map<Target<ServiceInstance>, List<Meter>>> meters = new ConcurrentHashMap<>();

	LoadBalancerMeters(ServiceBalancers balancers, MeterRegistry registry) {
		this.registry = registry;
		balancers.listen(this::update);
	}

	private void update(ServiceBalancer service) {
		Map<Target<ServiceInstance>, List<Meter>> known = this.meters.computeIfAbsent(service.service(), (name) -> {
			FunctionCounter.builder("concord.loadbalancer.retries", service, ServiceBalancer::retries)
				.description("Calls that were tried again on another instance")
				.tag("service", name)
				.register(this.registry);
			return new HashMap<>();
		});
		List<Target<ServiceInstance>> targets = service.balancer().targets();
		Set<Target<ServiceInstance>> gone = new HashSet<>(known.keySet());
		targets.forEach(gone::remove);
		gone.forEach((target) -> known.remove(target).forEach(this.registry::remove));
		targets.forEach((target) -> known.computeIfAbsent(target, (added) -> register(service.service(), added)));
	}

	private List<Meter> register(String service, Target<ServiceInstance> target) {
		Tags tags = Tags.of("service", service, "instance", target.id());
		List<Meter> registered = new ArrayList<>();
		registered.add(gauge("concord.loadbalancer.in.flight", "Calls in flight", tags, target, Target::inFlight));
		registered.add(gauge("concord.loadbalancer.weight", "Weight of the instance", tags, target, Target::weight));
		registered.add(gauge("concord.loadbalancer.ejected", "Whether the instance gets no calls as it fails", tags,
				target, (one) -> one.isEjected() ? 1 : 0));
		registered.add(FunctionCounter.builder("concord.loadbalancer.picks", target, Target::picks)
			.description("Choices of the instance")
			.tags(tags)
			.register(this.registry));
		registered.add(FunctionCounter.builder("concord.loadbalancer.failures", target, Target::failures)
			.description("Calls that failed")
			.tags(tags)
			.register(this.registry));
		return registered;
	}

	private Meter gauge(String name, String description, Tags tags, Target<ServiceInstance> target,
			ToDoubleFunction<Target<ServiceInstance>> value) {
		return Gauge.builder(name, target, value).description(description).tags(tags).register(this.registry);
	}

}
