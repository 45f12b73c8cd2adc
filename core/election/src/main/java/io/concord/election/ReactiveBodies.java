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
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Mono.defer(() -> {
			ProxyMethodInvocation call = (ProxyMethodInvocation) original.invocableClone();
			Body body = candidacy.enter(operation.onRevoked(), false);
			if (body == null) {
				return Mono.from(publisher(() -> operation.otherwise().apply(call, candidacy.notLeader())));
			}
			return Mono.usingWhen(Mono.just(body),
					(running) -> Mono.from(publisher(() -> operation.proceed(call, running))), ReactiveBodies::end,
					(running, failure) -> end(running), ReactiveBodies::end);
		});
	}

	static Flux<Object> flux(LeaderOnlyOperation operation, ProxyMethodInvocation invocation, Candidacy candidacy) {
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Flux.defer(() -> {
			ProxyMethodInvocation call = (ProxyMethodInvocation) original.invocableClone();
			Body body = candidacy.enter(operation.onRevoked(), false);
			if (body == null) {
				return publisher(() -> operation.otherwise().apply(call, candidacy.notLeader()));
			}
			return Flux.usingWhen(Mono.just(body), (running) -> publisher(() -> operation.proceed(call, running)),
					ReactiveBodies::end, (running, failure) -> end(running), ReactiveBodies::end);
		});
	}

	private static Mono<Void> end(Body body) {
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
