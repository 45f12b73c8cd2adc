package io.concord.lock;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

import io.concord.invocation.InvalidKeyException;
import io.concord.invocation.KeyExpression;
import io.concord.invocation.OtherwiseAction;
import io.concord.invocation.ReturnKind;

/**
 * What {@link DistributedLock} on a method comes to.
 *
 * @param name name of the lock without the key
 * @param key the key, if there is one
 * @param terms how to acquire the lock, whatever its key
 * @param otherwise what to do if the lock is not to be had in time
 * @param returns how the method returns
 * @param heldLockIndex index of the parameter that takes the lock, or -1
 */
record LockOperation(String name, @Nullable KeyExpression key, LockRequest terms, OtherwiseAction otherwise,
		ReturnKind returns, int heldLockIndex) {

	@Nullable Object invoke(ProxyMethodInvocation invocation, DistributedLocks allLocks) throws Throwable {
		DistributedLocks locks = allLocks.labelled(this.name);
		LockRequest request = this.terms.named(fullNames(invocation.getArguments()));
		return switch (this.returns) {
			case VALUE -> invokePlain(invocation, locks, request);
			case STAGE -> invokeStage(invocation, locks, request);
			case MONO -> ReactiveLocking.mono(this, invocation, locks, request);
			case FLUX -> ReactiveLocking.flux(this, invocation, locks, request);
		};
	}

	private @Nullable Object invokePlain(ProxyMethodInvocation invocation, DistributedLocks locks, LockRequest request)
			throws Throwable {
		HeldLock acquired;
		try {
			acquired = locks.acquire(request);
		}
		catch (LockUnavailableException ex) {
			return this.otherwise.apply(invocation, ex);
		}
		// What the method throws wins over the loss of the lock, which is suppressed.
		try (HeldLock lock = acquired) {
			return proceed(invocation, lock);
		}
	}

	private CompletableFuture<@Nullable Object> invokeStage(ProxyMethodInvocation invocation, DistributedLocks locks,
			LockRequest request) {
		// The chain of interceptors is at its place in the original only while this call
		// is under way.
		ProxyMethodInvocation later = (ProxyMethodInvocation) invocation.invocableClone();
		CompletableFuture<HeldLock> acquiring = locks.acquireAsync(request);
		CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
		result.whenComplete((value, failure) -> {
			if (result.isCancelled()) {
				acquiring.cancel(true);
			}
		});
		acquiring.whenComplete((lock, failure) -> {
			if (failure instanceof LockUnavailableException unavailable) {
				follow(() -> (CompletionStage<?>) this.otherwise.apply(later, unavailable), null, result);
			}
			else if (failure != null) {
				result.completeExceptionally(failure);
			}
			else {
				follow(() -> (CompletionStage<?>) proceed(later, lock), lock, result);
			}
		});
		return result;
	}

	/** Completes the result as the call does, after the lock has been given back. */
	private static void follow(Call call, @Nullable HeldLock lock, CompletableFuture<@Nullable Object> result) {
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
		// To give a lock back calls the store, which is not for whoever completes the
		// stage, such as an event loop.
		stage.whenCompleteAsync((value, failure) -> {
			Throwable thrown = (failure instanceof CompletionException && failure.getCause() != null)
					? failure.getCause() : failure;
			try {
				if (lock != null) {
					lock.close();
				}
			}
			catch (RuntimeException ex) {
				if (thrown == null) {
					thrown = ex;
				}
				else {
					thrown.addSuppressed(ex);
				}
			}
			if (thrown != null) {
				result.completeExceptionally(thrown);
			}
			else {
				result.complete(value);
			}
		}, LockThreads.EXECUTOR);
	}

	@Nullable Object proceed(ProxyMethodInvocation invocation, HeldLock lock) throws Throwable {
		if (this.heldLockIndex >= 0) {
			@Nullable Object[] arguments = invocation.getArguments();
			arguments = Arrays.copyOf(arguments, arguments.length);
			arguments[this.heldLockIndex] = lock;
			invocation.setArguments(arguments);
		}
		return invocation.proceed();
	}

	private List<String> fullNames(@Nullable Object[] arguments) {
		if (this.key == null) {
			return List.of(this.name);
		}
		List<String> values = this.key.evaluateAll(arguments);
		if (values.size() > LockRequest.MOST_NAMES) {
			throw new InvalidKeyException(this.key.describe() + " gives " + values.size() + " keys. At most "
					+ LockRequest.MOST_NAMES + " locks can be acquired at once.");
		}
		return values.stream().map(this::fullName).toList();
	}

	private String fullName(String value) {
		String fullName = this.name + ":" + value;
		if (this.key != null && fullName.length() > LockNames.MAX_LENGTH) {
			throw new InvalidKeyException(this.key.describe() + " has " + value.length()
					+ " characters and begins with '" + LockNames.abbreviate(value)
					+ "'. Name and key of a lock must not exceed " + LockNames.MAX_LENGTH
					+ " characters together: use a shorter key, such as an id or a hash.");
		}
		return fullName;
	}

	private interface Call {

		@Nullable CompletionStage<?> run() throws Throwable;

	}

}
