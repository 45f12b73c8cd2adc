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
import io.concord.lease.guard.CommitChecks;

/**
 * What {@link DistributedLock} on a method comes to.
 *
 * @param name name of the lock without the key
 * @param key the key, if there is one
 * @param terms how to acquire the lock, whatever its key
 * @param otherwise what to do if the lock is not to be had in time
 * @param returns how the method returns
 * @param heldLockIndex index of the parameter that takes the lock, or -1
 * @param onLost what happens if the lock is lost while the method runs
 * @param fenced whether the transactions of the method are guarded
 */
record LockOperation(String name, @Nullable KeyExpression key, LockRequest terms, OtherwiseAction otherwise,
		ReturnKind returns, int heldLockIndex, OnLost onLost, boolean fenced) {

	@Nullable Object invoke(ProxyMethodInvocation invocation, LockServices allServices) throws Throwable {
		LockServices services = allServices.labelled(this.name);
		LockRequest request = this.terms.named(fullNames(invocation.getArguments()));
		return switch (this.returns) {
			case VALUE -> invokePlain(invocation, services, request);
			case STAGE -> invokeStage(invocation, services, request);
			case MONO -> ReactiveLocking.mono(this, invocation, services, request);
			case FLUX -> ReactiveLocking.flux(this, invocation, services, request);
		};
	}

	/** NullAway doesn't see that the result of an action is as nullable as its type. */
	@SuppressWarnings("NullAway")
	private @Nullable Object invokePlain(ProxyMethodInvocation invocation, LockServices services, LockRequest request)
			throws Throwable {
		HeldLock acquired;
		try {
			acquired = services.locks().acquire(request);
		}
		catch (LockUnavailableException ex) {
			return this.otherwise.apply(invocation, ex);
		}
		return watch(acquired, services).call(() -> guarded(invocation, acquired, 0, services),
				services.commitChecks());
	}

	/**
	 * Under the guard of one lock inside of that of another, if there are several. About
	 * NullAway see {@link #invokePlain}.
	 */
	@SuppressWarnings("NullAway")
	private @Nullable Object guarded(ProxyMethodInvocation invocation, HeldLock lock, int part, LockServices services)
			throws Throwable {
		if (!this.fenced || part == lock.parts().size()) {
			return proceed(invocation, lock);
		}
		CommitChecks.Action<@Nullable Object, Throwable> inner = () -> guarded(invocation, lock, part + 1, services);
		return services.fencingGuard().get().call(lock.parts().get(part), inner);
	}

	LossWatch watch(HeldLock lock, LockServices services) {
		return new LossWatch(lock, this.onLost, services.events());
	}

	private CompletableFuture<@Nullable Object> invokeStage(ProxyMethodInvocation invocation, LockServices services,
			LockRequest request) {
		// The chain of interceptors is at its place in the original only while this call
		// is under way.
		ProxyMethodInvocation later = (ProxyMethodInvocation) invocation.invocableClone();
		CompletableFuture<HeldLock> acquiring = services.locks().acquireAsync(request);
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
				follow(() -> (CompletionStage<?>) proceed(later, lock), watch(lock, services), result);
			}
		});
		return result;
	}

	/** Completes the result as the call does, after the lock has been given back. */
	private static void follow(Call call, @Nullable LossWatch watch, CompletableFuture<@Nullable Object> result) {
		CompletionStage<?> stage;
		try {
			if (watch != null) {
				watch.start();
			}
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
				if (watch != null) {
					watch.end();
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
