package io.concord.autoconfigure.loadbalancer;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.BlockingLoadBalancerInterceptor;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.EmptyResponse;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycleValidator;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestFactory;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.ResponseData;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;

import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.Call;
import io.concord.loadbalancer.Target;

/**
 * Sends calls of blocking clients to an instance and, if they fail there, to another one.
 * All that the framework does around a call happens for each instance: transformers and
 * lifecycles see what they see without us. Services with a load balancer of the
 * application's own go the framework's way.
 */
final class BalancedInterceptor implements BlockingLoadBalancerInterceptor {

	private final LoadBalancerClient client;

	private final LoadBalancerRequestFactory requests;

	private final ReactiveLoadBalancer.Factory<ServiceInstance> factory;

	BalancedInterceptor(LoadBalancerClient client, LoadBalancerRequestFactory requests,
			ReactiveLoadBalancer.Factory<ServiceInstance> factory) {
		this.client = client;
		this.requests = requests;
		this.factory = factory;
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		URI uri = request.getURI();
		String name = uri.getHost();
		if (name == null) {
			throw new IllegalStateException("The address '" + uri + "' has no host that could name a service");
		}
		if (!(this.factory.getInstance(name) instanceof InstanceLoadBalancer own)) {
			return this.client.execute(name, this.requests.createRequest(request, body, execution));
		}
		ServiceBalancer service = own.service();
		service.called();
		Try first = new Try(service, request, body, execution, Attempt.FIRST);
		if (!choose(first)) {
			throw new IllegalStateException("No instances available for " + name);
		}
		return execute(first);
	}

	private ClientHttpResponse execute(Try first) throws IOException {
		RetryPolicy policy = first.service.options().retry();
		HttpMethod method = first.request.getMethod();
		Try current = first;
		for (int retries = 0;; retries++) {
			Try next;
			try {
				ClientHttpResponse response = send(current);
				boolean returned = false;
				try {
					next = policy.allows(method, response.getStatusCode().value(), retries) ? other(current) : null;
					if (next == null) {
						returned = true;
						return response;
					}
				}
				finally {
					if (!returned) {
						response.close();
					}
				}
			}
			catch (IOException ex) {
				next = policy.allows(method, ex, retries) ? other(current) : null;
				if (next == null) {
					throw ex;
				}
			}
			current = next;
		}
	}

	private @Nullable Try other(Try failed) {
		Try next = new Try(failed.service, failed.request, failed.body, failed.execution,
				failed.attempt.and(failed.instance()));
		return (choose(next) && failed.service.tryRetry()) ? next : null;
	}

	@SuppressWarnings({ "rawtypes", "unchecked" })
	private boolean choose(Try attempt) {
		String name = attempt.service.service();
		Set<LoadBalancerLifecycle> lifecycles = LoadBalancerLifecycleValidator.getSupportedLifecycleProcessors(
				this.factory.getInstances(name, LoadBalancerLifecycle.class), RequestDataContext.class,
				ResponseData.class, ServiceInstance.class);
		lifecycles.forEach((lifecycle) -> lifecycle.onStart(attempt));
		attempt.instance = this.client.choose(name, attempt);
		if (attempt.instance == null) {
			lifecycles.forEach((lifecycle) -> lifecycle
				.onComplete(new CompletionContext<>(CompletionContext.Status.DISCARD, attempt, new EmptyResponse())));
		}
		return attempt.instance != null;
	}

	private ClientHttpResponse send(Try attempt) throws IOException {
		boolean handedOver = false;
		try {
			ClientHttpResponse response = this.client.execute(attempt.service.service(), attempt.instance(), attempt);
			handedOver = true;
			return response;
		}
		finally {
			// A lifecycle that throws would leave the answer open.
			if (!handedOver) {
				attempt.abandon();
			}
		}
	}

	private String hint(String service) {
		Map<String, String> hints = this.factory.getProperties(service).getHint();
		return hints.getOrDefault(service, hints.getOrDefault("default", "default"));
	}

	/** One try of a call; what the framework calls a request. */
	private final class Try extends DefaultRequest<RequestDataContext>
			implements LoadBalancerRequest<ClientHttpResponse> {

		private final ServiceBalancer service;

		private final HttpRequest request;

		private final byte[] body;

		private final ClientHttpRequestExecution execution;

		private final Attempt attempt;

		private final RequestData data;

		private @Nullable ServiceInstance instance;

		private @Nullable ClientHttpResponse response;

		Try(ServiceBalancer service, HttpRequest request, byte[] body, ClientHttpRequestExecution execution,
				Attempt attempt) {
			this.service = service;
			this.request = request;
			this.body = body;
			this.execution = execution;
			this.attempt = attempt;
			this.data = new RequestData(request);
			this.data.getAttributes().put(Attempt.ATTRIBUTE, attempt);
			setContext(new RequestDataContext(this.data, hint(service.service())));
		}

		ServiceInstance instance() {
			return Objects.requireNonNull(this.instance);
		}

		@Override
		public ClientHttpResponse apply(ServiceInstance instance) throws Exception {
			Target<ServiceInstance> target = this.service.find(instance);
			if (target == null) {
				// Gone since it was chosen, or chosen by someone else.
				return delegate().apply(instance);
			}
			Call call = this.service.balancer().begin(target);
			try {
				// Before there is an answer that would stay open if this failed.
				String cookie = newCookie(target);
				ClientHttpResponse answer = delegate().apply(instance);
				this.response = new CountedResponse(answer, call, cookie);
				call.answered(this.service.options().failing().contains(answer.getStatusCode().value()));
				return this.response;
			}
			catch (Throwable ex) {
				if (Failures.isOfInstance(ex)) {
					call.failed(Failures.isConnecting(ex));
				}
				else {
					call.cancelled();
				}
				throw ex;
			}
		}

		private LoadBalancerRequest<ClientHttpResponse> delegate() {
			return BalancedInterceptor.this.requests.createRequest(this.request, this.body, this.execution);
		}

		private @Nullable String newCookie(Target<ServiceInstance> target) {
			if (this.service.balancer().settings().algorithm() != Algorithm.STICKY) {
				return null;
			}
			String name = this.service.options().cookie();
			return target.cookie().equals(Cookies.find(this.data, name)) ? null
					: Cookies.of(name, target.cookie()).toString();
		}

		void abandon() {
			ClientHttpResponse open = this.response;
			if (open != null) {
				open.close();
			}
		}

	}

}
