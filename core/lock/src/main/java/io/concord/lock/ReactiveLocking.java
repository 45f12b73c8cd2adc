package io.concord.lock;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import org.springframework.aop.ProxyMethodInvocation;

/**
 * Locks around what is reactive: acquired at each subscription, given back when that has
 * completed, failed or been cancelled. The lock travels in the Reactor context, so that
 * what is subscribed to inside of it is reentrant. Apart, as Reactor may not be there.
 */
final class ReactiveLocking {

	private ReactiveLocking() {
	}

	static Mono<Object> mono(LockOperation operation, ProxyMethodInvocation invocation, LockServices services,
			LockRequest request) {
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Mono.deferContextual((context) -> {
			HeldLock held = held(context, request);
			ProxyMethodInvocation call = (ProxyMethodInvocation) original.invocableClone();
			if (held != null) {
				return Mono.from(publisher(operation, call, held));
			}
			return Mono
				.usingWhen(acquire(operation, services, request),
						(watch) -> Mono.from(publisher(operation, call, watch))
							.contextWrite((inner) -> with(inner, request, watch.held())),
						ReactiveLocking::release, (watch, failure) -> release(watch), ReactiveLocking::release)
				.onErrorResume(NotAcquired.class, (ex) -> Mono.from(otherwise(operation, call, ex)));
		});
	}

	static Flux<Object> flux(LockOperation operation, ProxyMethodInvocation invocation, LockServices services,
			LockRequest request) {
		ProxyMethodInvocation original = (ProxyMethodInvocation) invocation.invocableClone();
		return Flux.deferContextual((context) -> {
			HeldLock held = held(context, request);
			ProxyMethodInvocation call = (ProxyMethodInvocation) original.invocableClone();
			if (held != null) {
				return publisher(operation, call, held);
			}
			return Flux
				.usingWhen(acquire(operation, services, request),
						(watch) -> Flux.from(publisher(operation, call, watch))
							.contextWrite((inner) -> with(inner, request, watch.held())),
						ReactiveLocking::release, (watch, failure) -> release(watch), ReactiveLocking::release)
				.onErrorResume(NotAcquired.class, (ex) -> otherwise(operation, call, ex));
		});
	}

	private static Mono<LossWatch> acquire(LockOperation operation, LockServices services, LockRequest request) {
		return Mono.fromFuture(() -> services.locks().acquireAsync(request))
			.onErrorMap(LockUnavailableException.class, NotAcquired::new)
			.map((lock) -> operation.watch(lock, services));
	}

	private static Mono<Void> release(LossWatch watch) {
		return Mono.<Void>fromRunnable(watch::end).subscribeOn(Schedulers.fromExecutor(LockThreads.EXECUTOR));
	}

	private static Publisher<Object> publisher(LockOperation operation, ProxyMethodInvocation call, LossWatch watch) {
		watch.start();
		return publisher(operation, call, watch.held());
	}

	@SuppressWarnings("unchecked")
	private static Publisher<Object> publisher(LockOperation operation, ProxyMethodInvocation call, HeldLock lock) {
		return publisher(() -> (Publisher<Object>) operation.proceed(call, lock));
	}

	@SuppressWarnings("unchecked")
	private static Publisher<Object> otherwise(LockOperation operation, ProxyMethodInvocation call, NotAcquired why) {
		return publisher(() -> (Publisher<Object>) operation.otherwise().apply(call, why.unavailable));
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

	/** What is held along this context, if it keeps out as many as is asked for. */
	private static @Nullable HeldLock held(ContextView context, LockRequest request) {
		Held held = context.getOrDefault(new Key(request.describe()), null);
		if (held == null) {
			return null;
		}
		if (held.request().limit() > request.limit()) {
			throw new IllegalStateException("Lock '" + LockNames.abbreviate(request.describe())
					+ "' is held along this Reactor context by more than one at a time, and can't be acquired for fewer"
					+ " inside of it. Acquire it so from the start.");
		}
		return held.lock();
	}

	private static Context with(Context context, LockRequest request, HeldLock lock) {
		return context.put(new Key(request.describe()), new Held(request, lock));
	}

	private record Key(String names) {
	}

	private record Held(LockRequest request, HeldLock lock) {
	}

	/** Tells this lock that was not to be had from one inside of the method. */
	private static final class NotAcquired extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final transient LockUnavailableException unavailable;

		NotAcquired(LockUnavailableException unavailable) {
			super(unavailable);
			this.unavailable = unavailable;
		}

	}

	private interface Call {

		@Nullable Publisher<Object> run() throws Throwable;

	}

}
