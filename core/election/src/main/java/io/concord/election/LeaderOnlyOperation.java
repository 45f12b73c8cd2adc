package io.concord.election;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

import io.concord.invocation.OtherwiseAction;
import io.concord.invocation.ReturnKind;
import io.concord.lease.guard.CommitChecks;

/**
 * What {@link LeaderOnly} on a method comes to.
 *
 * @param election name of the election
 * @param otherwise what to do if this node doesn't lead
 * @param returns how the method returns
 * @param leadershipIndex index of the parameter that takes the leadership, or -1
 * @param onRevoked what happens if the node ceases to lead while the method runs
 * @param fenced whether the transactions of the method are guarded
 */
record LeaderOnlyOperation(String election, OtherwiseAction otherwise, ReturnKind returns, int leadershipIndex,
		OnRevoked onRevoked, boolean fenced) {

	@Nullable Object invoke(ProxyMethodInvocation invocation, ElectionServices services) throws Throwable {
		// It may not be declared yet, if other beans call while the context starts.
		Candidacy candidacy = services.elections().declare(this.election);
		return switch (this.returns) {
			case VALUE -> invokePlain(invocation, candidacy, services);
			case STAGE -> invokeStage(invocation, candidacy);
			case MONO -> ReactiveBodies.mono(this, invocation, candidacy);
			case FLUX -> ReactiveBodies.flux(this, invocation, candidacy);
		};
	}

	/** NullAway doesn't see that the result of an action is as nullable as its type. */
	@SuppressWarnings("NullAway")
	private @Nullable Object invokePlain(ProxyMethodInvocation invocation, Candidacy candidacy,
			ElectionServices services) throws Throwable {
		Body body = candidacy.enter(this.onRevoked, true);
		if (body == null) {
			return this.otherwise.apply(invocation, candidacy.notLeader());
		}
		CommitChecks.Action<@Nullable Object, Throwable> method = () -> proceed(invocation, body);
		return body.call(this.fenced ? () -> services.fencingGuard().get().call(body.leadership(), method) : method,
				services.commitChecks());
	}

	private CompletableFuture<@Nullable Object> invokeStage(ProxyMethodInvocation invocation, Candidacy candidacy) {
		CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
		Body body = candidacy.enter(this.onRevoked, false);
		CompletionStage<?> stage;
		try {
			CompletionStage<?> returned = (CompletionStage<?>) ((body != null) ? proceed(invocation, body)
					: this.otherwise.apply(invocation, candidacy.notLeader()));
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
			Throwable thrown = (failure instanceof CompletionException && failure.getCause() != null)
					? failure.getCause() : failure;
			LeadershipLostException loss = (body != null) ? body.end() : null;
			if (thrown != null && loss != null) {
				thrown.addSuppressed(loss);
			}
			if (thrown != null || loss != null) {
				result.completeExceptionally((thrown != null) ? thrown : loss);
			}
			else {
				result.complete(value);
			}
		});
		return result;
	}

	@Nullable Object proceed(ProxyMethodInvocation invocation, Body body) throws Throwable {
		if (this.leadershipIndex >= 0) {
			@Nullable Object[] arguments = invocation.getArguments();
			arguments = Arrays.copyOf(arguments, arguments.length);
			arguments[this.leadershipIndex] = body.leadership();
			invocation.setArguments(arguments);
		}
		return invocation.proceed();
	}

}
