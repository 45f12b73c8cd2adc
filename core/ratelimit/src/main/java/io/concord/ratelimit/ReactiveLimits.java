package io.concord.ratelimit;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Limits around what is reactive: asked at each subscription; a permit for concurrency is
 * given back when that has completed, failed or been cancelled. Apart, as Reactor may not
 * be there.
 */
final class ReactiveLimits {

	private ReactiveLimits() {
	}

	static Mono<Object> mono(ProxyMethodInvocation invocation, List<RateLimitedOperation> operations,
			RateLimits limits) {
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Mono.defer(() -> Mono
			.from(limited((ProxyMethodInvocation) original.invocableClone(), operations, 0, limits, true)));
	}

	static Flux<Object> flux(ProxyMethodInvocation invocation, List<RateLimitedOperation> operations,
			RateLimits limits) {
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Flux
			.defer(() -> limited((ProxyMethodInvocation) original.invocableClone(), operations, 0, limits, false));
	}

	@SuppressWarnings("unchecked")
	private static Publisher<Object> limited(ProxyMethodInvocation call, List<RateLimitedOperation> operations,
			int index, RateLimits limits, boolean single) {
		if (index == operations.size()) {
			return publisher(() -> (Publisher<Object>) call.proceed());
		}
		RateLimitedOperation operation = operations.get(index);
		Mono<RateDecision> asking = Mono.fromFuture(() -> limits.acquireAsync(operation.rule(), operation.keyOf(call),
				operation.permits(), operation.wait(limits)));
		return single
				? Mono.usingWhen(asking, (decision) -> Mono.from(next(call, operations, index, limits, decision, true)),
						ReactiveLimits::close)
				: Flux.usingWhen(asking, (decision) -> next(call, operations, index, limits, decision, false),
						ReactiveLimits::close);
	}

	@SuppressWarnings("unchecked")
	private static Publisher<Object> next(ProxyMethodInvocation call, List<RateLimitedOperation> operations, int index,
			RateLimits limits, RateDecision decision, boolean single) {
		if (decision.isAdmitted()) {
			return limited(call, operations, index + 1, limits, single);
		}
		return publisher(() -> (Publisher<Object>) operations.get(index)
			.otherwise()
			.apply(call, RateLimitedOperation.refusal(decision)));
	}

	private static Mono<Void> close(RateDecision decision) {
		return Mono.fromRunnable(decision::closeAsync);
	}

	private static Publisher<Object> publisher(Call call) {
		try {
			Publisher<Object> returned = call.run();
			return (returned != null) ? returned : Mono.empty();
		}
		catch (Throwable ex) {
			return Mono.error(ex);
		}
	}

	private interface Call {

		@Nullable Publisher<Object> run() throws Throwable;

	}

}
