package io.concord.ratelimit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

import io.concord.invocation.KeyExpression;
import io.concord.invocation.OtherwiseAction;
import io.concord.invocation.ReturnKind;

/**
 * What one {@link RateLimited} on a method comes to.
 *
 * @param rule name of the rule
 * @param key the key, if there is one
 * @param permits how many a call takes
 * @param maxWait how long to wait; null for what the rule says
 * @param otherwise what to do if it is not let through
 * @param returns how the method returns
 */
record RateLimitedOperation(String rule, @Nullable KeyExpression key, long permits, @Nullable Duration maxWait,
		OtherwiseAction otherwise, ReturnKind returns) {

	static @Nullable Object invoke(ProxyMethodInvocation invocation, List<RateLimitedOperation> operations,
			RateLimits limits) throws Throwable {
		return switch (operations.get(0).returns()) {
			case VALUE -> invokePlain(invocation, operations, 0, limits);
			case STAGE -> invokeStage((ProxyMethodInvocation) invocation.invocableClone(), operations, 0, limits);
			case MONO -> ReactiveLimits.mono(invocation, operations, limits);
			case FLUX -> ReactiveLimits.flux(invocation, operations, limits);
		};
	}

	private static @Nullable Object invokePlain(ProxyMethodInvocation invocation, List<RateLimitedOperation> operations,
			int index, RateLimits limits) throws Throwable {
		if (index == operations.size()) {
			return invocation.proceed();
		}
		RateLimitedOperation operation = operations.get(index);
		try (RateDecision decision = limits.acquire(operation.rule(), operation.keyOf(invocation), operation.permits(),
				operation.wait(limits))) {
			if (decision.isAdmitted()) {
				return invokePlain(invocation, operations, index + 1, limits);
			}
			return operation.otherwise().apply(invocation, refusal(decision));
		}
	}

	/**
	 * The chain of interceptors is at its place in the original only while the call is
	 * under way, so the invocation is a clone.
	 */
	private static CompletableFuture<@Nullable Object> invokeStage(ProxyMethodInvocation invocation,
			List<RateLimitedOperation> operations, int index, RateLimits limits) {
		CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
		if (index == operations.size()) {
			follow(() -> (CompletionStage<?>) invocation.proceed(), null, result);
			return result;
		}
		RateLimitedOperation operation = operations.get(index);
		CompletableFuture<RateDecision> acquiring = limits.acquireAsync(operation.rule(), operation.keyOf(invocation),
				operation.permits(), operation.wait(limits));
		result.whenComplete((value, failure) -> {
			if (result.isCancelled()) {
				acquiring.cancel(true);
			}
		});
		acquiring.whenComplete((decision, failure) -> {
			if (failure != null) {
				result.completeExceptionally(unwrapped(failure));
			}
			else if (decision.isAdmitted()) {
				follow(() -> invokeStage(invocation, operations, index + 1, limits), decision, result);
			}
			else {
				follow(() -> (CompletionStage<?>) operation.otherwise().apply(invocation, refusal(decision)), null,
						result);
			}
		});
		return result;
	}

	/** Completes the result as the call does, and has the permit given back. */
	private static void follow(Call call, @Nullable RateDecision decision, CompletableFuture<@Nullable Object> result) {
		CompletionStage<?> stage;
		try {
			CompletionStage<?> returned = call.run();
			stage = (returned != null) ? returned : CompletableFuture.completedFuture(null);
		}
		catch (Throwable ex) {
			stage = CompletableFuture.failedFuture(ex);
		}
		CompletionStage<?> running = stage;
		result.whenComplete((value, failure) -> {
			if (result.isCancelled() && running instanceof CompletableFuture<?> future) {
				future.cancel(true);
			}
		});
		stage.whenComplete((value, failure) -> {
			if (decision != null) {
				decision.closeAsync();
			}
			if (failure != null) {
				result.completeExceptionally(unwrapped(failure));
			}
			else {
				result.complete(value);
			}
		});
	}

	private static Throwable unwrapped(Throwable failure) {
		return (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause() : failure;
	}

	static RateLimitedException refusal(RateDecision decision) {
		return new RateLimitedException(decision.rule(), decision.retryAfter());
	}

	String keyOf(ProxyMethodInvocation invocation) {
		return (this.key != null) ? this.key.evaluate(invocation.getArguments()) : "";
	}

	/** What the rule says may change at any time. */
	Duration wait(RateLimits limits) {
		if (this.maxWait != null) {
			return this.maxWait;
		}
		return limits.rule(this.rule).map(RateRule::maxWait).orElse(Duration.ZERO);
	}

	private interface Call {

		@Nullable CompletionStage<?> run() throws Throwable;

	}

}
