package io.concord.election;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Methods with {@link LeaderOnly} that return what runs at each subscription.
 */
final class ReactiveBodies {

	private ReactiveBodies() {
	}

	static Mono<Object> mono(LeaderOnlyOperation operation, ProxyMethodInvocation invocation, Candidacy candidacy) {
		return flux(operation, invocation, candidacy).singleOrEmpty();
	}

	static Flux<Object> flux(LeaderOnlyOperation operation, ProxyMethodInvocation invocation, Candidacy candidacy) {
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Flux.defer(() -> {
			ProxyMethodInvocation call = (ProxyMethodInvocation) original.invocableClone();
			Body body = candidacy.enter(operation.onRevoked(), false);
			if (body == null) {
				return publisher(() -> operation.otherwise().apply(call, candidacy.notLeader()));
			}
			return Flux.from(publisher(() -> operation.proceed(call, body)))
				.concatWith(end(body))
				.doOnError((failure) -> body.end())
				.doOnCancel(body::end);
		});
	}

	/** Again does nothing but to tell of the loss. */
	private static Mono<Object> end(Body body) {
		return Mono.defer(() -> {
			LeadershipLostException loss = body.end();
			return (loss != null) ? Mono.error(loss) : Mono.empty();
		});
	}

	@SuppressWarnings("unchecked")
	private static Publisher<Object> publisher(Call call) {
		try {
			Publisher<Object> returned = (Publisher<Object>) call.run();
			return (returned != null) ? returned : Mono.empty();
		}
		catch (Throwable ex) {
			return Mono.error(ex);
		}
	}

	private interface Call {

		@Nullable Object run() throws Throwable;

	}

}
