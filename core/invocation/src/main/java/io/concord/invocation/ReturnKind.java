package io.concord.invocation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * How an annotated method returns: with its work done, or with something that completes
 * later.
 */
public enum ReturnKind {

	/** A plain value or nothing: the work is done. */
	VALUE,

	/** {@code CompletionStage} or {@code CompletableFuture}. */
	STAGE,

	/** Reactor's {@code Mono}. */
	MONO,

	/** Reactor's {@code Flux}. */
	FLUX;

	private static final String MONO_TYPE = "reactor.core.publisher.Mono";

	private static final String FLUX_TYPE = "reactor.core.publisher.Flux";

	/**
	 * Finds out how a method returns.
	 * @param method the method
	 * @param consequence why another kind doesn't work, such as
	 * {@code "the lock would be released before the work is done"}
	 * @return its kind
	 * @throws InvalidAnnotationException if the method returns a future or a publisher of
	 * another type
	 */
	public static ReturnKind of(AnnotatedMethod<?> method, String consequence) {
		Class<?> type = method.returnType();
		if (type == CompletionStage.class || type == CompletableFuture.class) {
			return STAGE;
		}
		// By name, as Reactor may not be there.
		if (type.getName().equals(MONO_TYPE)) {
			return MONO;
		}
		if (type.getName().equals(FLUX_TYPE)) {
			return FLUX;
		}
		method.requireSynchronous(consequence);
		return VALUE;
	}

}
