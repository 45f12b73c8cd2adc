package io.concord.autoconfigure.loadbalancer;

import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.EmptyResponse;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RetryAwareServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.util.function.SingletonSupplier;

import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.Selection;
import io.concord.loadbalancer.Target;

/**
 * Chooses instances for the framework. Callers look up exactly this type.
 */
final class InstanceLoadBalancer implements ReactorServiceInstanceLoadBalancer {

	private static final Logger logger = LoggerFactory.getLogger(InstanceLoadBalancer.class);

	private final ServiceBalancer service;

	private final SingletonSupplier<ServiceInstanceListSupplier> supplier;

	InstanceLoadBalancer(ServiceBalancer service, Supplier<@Nullable ServiceInstanceListSupplier> supplier) {
		this.service = service;
		this.supplier = SingletonSupplier.ofNullable(() -> unwrap(supplier.get()));
	}

	/** What the framework puts around leaves out the last instance, as we do. */
	private static @Nullable ServiceInstanceListSupplier unwrap(@Nullable ServiceInstanceListSupplier found) {
		return (found instanceof RetryAwareServiceInstanceListSupplier wrapper
				&& wrapper.getDelegate() instanceof WatchedInstances watched) ? watched : found;
	}

	ServiceBalancer service() {
		return this.service;
	}

	@Override
	@SuppressWarnings("rawtypes")
	public Mono<Response<ServiceInstance>> choose(Request request) {
		ServiceInstanceListSupplier instances = this.supplier.get();
		if (instances == null) {
			logger.error("There is no ServiceInstanceListSupplier for '{}': is the value of "
					+ "'spring.cloud.loadbalancer.configurations' one that Spring Cloud LoadBalancer knows, "
					+ "and is there a DiscoveryClient?", this.service.service());
			return Mono.just(new EmptyResponse());
		}
		// On the thread of the caller, whose request to a servlet it may be about.
		Selection selection = selection(request);
		Mono<Response<ServiceInstance>> choice = Mono.fromSupplier(() -> chooseNow(selection));
		if (instances instanceof WatchedInstances watched) {
			return watched.isReady() ? choice : watched.ready().then(choice);
		}
		// A list of the application's own making, which may depend on the request.
		Request<?> typed = request;
		return instances.get(typed).next().doOnNext(this.service::update).then(choice);
	}

	private Response<ServiceInstance> chooseNow(Selection selection) {
		Target<ServiceInstance> target = this.service.balancer().choose(selection);
		if (target != null) {
			return new DefaultResponse(target.value());
		}
		logger.warn("There is no instance of '{}' that can be called: {}", this.service.service(),
				this.service.isEmpty() ? "the registry names none" : "all have the weight 0 or were tried");
		return new EmptyResponse();
	}

	private Selection selection(Request<?> request) {
		Set<String> tried = tried(request);
		String key = key(request);
		return (tried.isEmpty() && key == null) ? Selection.NONE : new Selection(key, tried);
	}

	private @Nullable String key(Request<?> request) {
		Algorithm algorithm = this.service.balancer().settings().algorithm();
		if (algorithm != Algorithm.STICKY && !algorithm.isHash()) {
			return null;
		}
		RequestData data = Attempt.dataOf(request);
		if (data == null) {
			return null;
		}
		ServiceBalancer.Options options = this.service.options();
		return (algorithm == Algorithm.STICKY) ? Cookies.find(data, options.cookie())
				: RequestKeys.find(options.keys(), this.service.service(), data);
	}

	/** Our own clients name all that were tried, those of the framework the last one. */
	private static Set<String> tried(Request<?> request) {
		Attempt attempt = Attempt.of(request);
		if (attempt != null) {
			return attempt.tried();
		}
		if (request.getContext() instanceof RetryableRequestContext retry
				&& retry.getPreviousServiceInstance() != null) {
			return Set.of(ServiceBalancer.idOf(retry.getPreviousServiceInstance()));
		}
		return Set.of();
	}

}
