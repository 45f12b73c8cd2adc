package io.concord.invocation;

import java.lang.reflect.Method;
import java.util.Arrays;

import org.springframework.core.annotation.AnnotationUtils;

/**
 * Annotated methods made by hand.
 */
final class Places {

	private Places() {
	}

	/**
	 * Returns the only method of a class that has this name and is annotated, or has this
	 * name at all.
	 */
	static AnnotatedMethod<Guarded> of(Class<?> type, String methodName) {
		Method[] named = Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> method.getName().equals(methodName) && !method.isBridge())
			.toArray(Method[]::new);
		Method method = (named.length == 1) ? named[0]
				: Arrays.stream(named)
					.filter((candidate) -> candidate.isAnnotationPresent(Guarded.class))
					.findFirst()
					.orElseThrow();
		return new AnnotatedMethod<>(method, type, AnnotationUtils.synthesizeAnnotation(Guarded.class), method);
	}

}
