package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

import io.concord.loadbalancer.TargetStatus;

/**
 * Whether the services that this process has called have instances. A registry that fails
 * does no harm as long as there is a last list. Calls nobody.
 */
final class LoadBalancerHealthIndicator implements HealthIndicator {

	private final ServiceBalancers balancers;

	LoadBalancerHealthIndicator(ServiceBalancers balancers) {
		this.balancers = balancers;
	}

	@Override
	public Health health() {
		Health.Builder health = Health.up();
		for (ServiceBalancer service : this.balancers.all()) {
			List<TargetStatus> instances = service.balancer().status();
			if (instances.stream().noneMatch((status) -> status.weight() > 0)) {
				health.down();
			}
			Map<String, Object> details = new LinkedHashMap<>();
			details.put("instances", instances.size());
			details.put("ejected", instances.stream().filter((status) -> status.ejectedFor() != null).count());
			Duration failing = this.balancers.failingFor(service.service());
			if (failing != null) {
				details.put("registryFailsForSeconds", failing.toSeconds());
			}
			health.withDetail(service.service(), details);
		}
		return health.build();
	}

}
