package io.concord.autoconfigure.loadbalancer;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.loadbalancer.TargetStatus;

/**
 * Shows on the actuator endpoint which services this process calls, and where.
 */
final class LoadBalancerEndpointFeature implements EndpointFeature {

	private final ServiceBalancers balancers;

	private final Clock clock;

	LoadBalancerEndpointFeature(ServiceBalancers balancers, Clock clock) {
		this.balancers = balancers;
		this.clock = clock;
	}

	@Override
	public String selector() {
		return "loadbalancer";
	}

	@Override
	public OperationResponseBody here(boolean showKeys) {
		Map<String, Service> services = new TreeMap<>();
		this.balancers.all().forEach((service) -> services.put(service.service(), describe(service)));
		return new Here(services);
	}

	@Override
	public @Nullable OperationResponseBody anywhere(String name) {
		ServiceBalancer service = this.balancers.known(name);
		return (service != null) ? describe(service) : null;
	}

	/** Nobody holds an instance. */
	@Override
	public @Nullable OperationResponseBody release(String name) {
		return null;
	}

	private Service describe(ServiceBalancer service) {
		Duration failing = this.balancers.failingFor(service.service());
		Instant now = this.clock.instant();
		return new Service(service.balancer().settings().algorithm().name(), service.retries(),
				(failing != null) ? now.minus(failing) : null,
				service.balancer().status().stream().map((status) -> instance(status, now)).toList());
	}

	private static Instance instance(TargetStatus status, Instant now) {
		Duration ejected = status.ejectedFor();
		return new Instance(status.id(), status.weight(), status.share(), status.inFlight(),
				status.ewma().toNanos() / 1_000_000.0, (ejected != null) ? now.plus(ejected) : null, status.ejections(),
				status.picks(), status.failures());
	}

	/**
	 * The services that this process has called.
	 *
	 * @param services how they do, by name
	 */
	record Here(Map<String, Service> services) implements OperationResponseBody {
	}

	/**
	 * A service.
	 *
	 * @param algorithm how instances are chosen
	 * @param retries calls that were tried again
	 * @param registryFailsSince since when the last list of the registry is used, if it
	 * fails
	 * @param instances its instances
	 */
	record Service(String algorithm, long retries, @Nullable Instant registryFailsSince,
			List<Instance> instances) implements OperationResponseBody {
	}

	/**
	 * An instance.
	 *
	 * @param id its name
	 * @param weight its weight
	 * @param share its share of calls at this moment
	 * @param inFlight calls in flight
	 * @param ewmaMillis average time to answers
	 * @param ejectedUntil until when it gets no calls
	 * @param ejections how often it was ejected
	 * @param picks how often it was chosen
	 * @param failures how many calls failed
	 */
	record Instance(String id, double weight, double share, int inFlight, double ewmaMillis,
			@Nullable Instant ejectedUntil, long ejections, long picks, long failures) {
	}

}
