package io.concord.autoconfigure.loadbalancer;

import java.util.List;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancedExchangeFilterFunction;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerExchangeFilterFunction;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;

import io.concord.loadbalancer.Algorithm;
import io.concord.loadbalancer.Call;
import io.concord.loadbalancer.Target;

/**
 * Sends calls of reactive clients to an instance and, if they fail there, to another one.
 * The framework's own filter is run for each instance, so that transformers and
 * lifecycles see what they see without us; what it doesn't tell anybody, a call that is
 * cancelled, is seen by what is put behind it. Services with a load balancer of the
 * application's own go the framework's way.
 */
final class BalancedExchangeFilter implements LoadBalancedExchangeFilterFunction {

	private final ReactiveLoadBalancer.Factory<ServiceInstance> factory;

	private final List<LoadBalancerClientRequestTransformer> transformers;

	BalancedExchangeFilter(ReactiveLoadBalancer.Factory<ServiceInstance> factory,
			List<LoadBalancerClientRequestTransformer> transformers) {
		this.factory = factory;
		this.transformers = transformers;
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		String name = request.url().getHost();
		if (name == null || !(this.factory.getInstance(name) instanceof InstanceLoadBalancer own)) {
			return new ReactorLoadBalancerExchangeFilterFunction(this.factory, this.transformers).filter(request, next);
		}
		ServiceBalancer service = own.service();
		return Mono.defer(() -> {
			service.called();
			return new Try(service, request, next, Attempt.FIRST, null).send(0);
		});
	}

	/** One try of a call. */
	private final class Try extends ReactorLoadBalancerExchangeFilterFunction {

		private final ServiceBalancer service;

		private final ClientRequest request;

		private final ExchangeFunction next;

		private final Attempt attempt;

		private volatile @Nullable Response<ServiceInstance> chosen;

		Try(ServiceBalancer service, ClientRequest request, ExchangeFunction next, Attempt attempt,
				@Nullable Response<ServiceInstance> chosen) {
			super(BalancedExchangeFilter.this.factory, BalancedExchangeFilter.this.transformers);
			this.service = service;
			this.request = marked(request, attempt);
			this.next = next;
			this.attempt = attempt;
			this.chosen = chosen;
		}

		private static ClientRequest marked(ClientRequest request, Attempt attempt) {
			return ClientRequest.from(request).attribute(Attempt.ATTRIBUTE, attempt).build();
		}

		Mono<ClientResponse> send(int retries) {
			RetryPolicy policy = this.service.options().retry();
			return filter(this.request, this::exchange)
				.flatMap((response) -> policy.allows(this.request.method(), response.statusCode().value(), retries)
						? other(response.releaseBody(), retries).switchIfEmpty(Mono.just(response))
						: Mono.just(response))
				.onErrorResume((failure) -> policy.allows(this.request.method(), failure, retries)
						? other(Mono.empty(), retries).switchIfEmpty(Mono.error(failure)) : Mono.error(failure));
		}

		/** Empty if there is no other instance or no budget; then nothing was done. */
		private Mono<ClientResponse> other(Mono<Void> before, int retries) {
			Response<ServiceInstance> failed = this.chosen;
			if (failed == null || failed.getServer() == null) {
				return Mono.empty();
			}
			Attempt following = this.attempt.and(failed.getServer());
			ClientRequest again = marked(this.request, following);
			Request<RequestDataContext> choice = new DefaultRequest<>(new RequestDataContext(new RequestData(again)));
			return super.choose(this.service.service(), choice)
				.filter((response) -> response.hasServer() && this.service.tryRetry())
				.flatMap((response) -> before.then(Mono.defer(
						() -> new Try(this.service, this.request, this.next, following, response).send(retries + 1))));
		}

		@Override
		protected Mono<Response<ServiceInstance>> choose(String serviceId, Request<RequestDataContext> choice) {
			Response<ServiceInstance> known = this.chosen;
			if (known != null) {
				return Mono.just(known);
			}
			return super.choose(serviceId, choice).doOnNext((response) -> this.chosen = response);
		}

		private Mono<ClientResponse> exchange(ClientRequest sent) {
			return Mono.defer(() -> {
				Response<ServiceInstance> at = this.chosen;
				Target<ServiceInstance> target = (at != null && at.getServer() != null)
						? this.service.find(at.getServer()) : null;
				if (target == null) {
					return this.next.exchange(sent);
				}
				Call call = this.service.balancer().begin(target);
				return exchange(sent, call).map((response) -> counted(response, call, target))
					.doOnError((failure) -> failed(call, failure))
					.doOnCancel(call::cancelled);
			});
		}

		/** Whatever is thrown at once is to end the call like what comes later. */
		private Mono<ClientResponse> exchange(ClientRequest sent, Call call) {
			try {
				return this.next.exchange(sent).switchIfEmpty(Mono.fromRunnable(call::close));
			}
			catch (RuntimeException | Error ex) {
				return Mono.error(ex);
			}
		}

		private ClientResponse counted(ClientResponse response, Call call, Target<ServiceInstance> target) {
			call.answered(this.service.options().failing().contains(response.statusCode().value()));
			ClientResponse.Builder counted = response.mutate().body((body) -> counted(body, call));
			String name = this.service.options().cookie();
			if (this.service.balancer().settings().algorithm() == Algorithm.STICKY
					&& !target.cookie().equals(Cookies.find(new RequestData(this.request), name))) {
				ResponseCookie cookie = Cookies.of(name, target.cookie());
				counted.cookies((cookies) -> cookies.add(name, cookie))
					.headers((headers) -> headers.add(HttpHeaders.SET_COOKIE, cookie.toString()));
			}
			return counted.build();
		}

		private static Flux<DataBuffer> counted(Flux<DataBuffer> body, Call call) {
			return body.doOnError((failure) -> failed(call, failure)).doOnComplete(call::close).doOnCancel(call::close);
		}

		private static void failed(Call call, Throwable failure) {
			if (Failures.isOfInstance(failure)) {
				call.failed(Failures.isConnecting(failure));
			}
			else {
				call.cancelled();
			}
		}

	}

}
