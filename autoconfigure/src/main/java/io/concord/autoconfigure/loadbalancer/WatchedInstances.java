package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.List;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;

import io.concord.loadbalancer.Target;

/**
 * Gives the list that is kept up to date, without a cache that expires. Who asks before
 * the registry has answered for the first time waits for it, up to a time.
 */
final class WatchedInstances implements ServiceInstanceListSupplier {

	private final ServiceBalancer balancer;

	private final InstanceWatch watch;

	private final Duration timeout;

	WatchedInstances(ServiceBalancers balancers, String service) {
		this.balancer = balancers.balancer(service);
		this.watch = balancers.watch(service);
		this.timeout = balancers.firstListTimeout();
	}

	@Override
	public String getServiceId() {
		return this.balancer.service();
	}

	boolean isReady() {
		return this.watch.first().isDone();
	}

	/** Completes, without a value, when there is a list or no hope for one. */
	Mono<Void> ready() {
		return Mono.fromFuture(this.watch.first(), true).timeout(this.timeout).onErrorComplete();
	}

	@Override
	public Flux<List<ServiceInstance>> get() {
		Mono<List<ServiceInstance>> list = Mono
			.fromSupplier(() -> this.balancer.balancer().targets().stream().map(Target::value).toList());
		return (isReady() ? list : ready().then(list)).flux();
	}

}
