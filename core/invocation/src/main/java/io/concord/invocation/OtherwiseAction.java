package io.concord.invocation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

import io.concord.ConcordException;

/**
 * What is done with a call that an annotation does not let through: {@link Otherwise},
 * with the fallback method found and checked. Immutable.
 */
public final class OtherwiseAction {

	private final Otherwise otherwise;

	private final Class<?> returnType;

	private final @Nullable Method fallback;

	private OtherwiseAction(Otherwise otherwise, Class<?> returnType, @Nullable Method fallback) {
		this.otherwise = otherwise;
		this.returnType = returnType;
		this.fallback = fallback;
	}

	/**
	 * Checks the attributes of an annotation.
	 * @param place the annotation
	 * @param otherwise its attribute {@code otherwise}
	 * @param fallback its attribute {@code fallback}, name of a method or empty
	 * @param rejection the exception that says that a call is not let through
	 * @return what to do
	 * @throws InvalidAnnotationException if the attributes don't fit each other or the
	 * method, or there is no such fallback method
	 */
	public static OtherwiseAction of(AnnotatedMethod<?> place, Otherwise otherwise, String fallback,
			Class<? extends ConcordException> rejection) {
		Class<?> returnType = place.returnType();
		if (otherwise != Otherwise.FALLBACK && !fallback.isEmpty()) {
			throw place.invalid("names a fallback '" + fallback + "' but has otherwise = " + otherwise,
					"Set otherwise = FALLBACK, or remove the fallback.");
		}
		if (otherwise == Otherwise.SKIP && returnType.isPrimitive() && returnType != void.class) {
			throw place.invalid("has otherwise = SKIP, but the method returns " + returnType + " and can't return null",
					"Return " + ClassUtils.resolvePrimitiveIfNecessary(returnType).getSimpleName()
							+ " or an Optional, or use THROW or FALLBACK.");
		}
		if (otherwise != Otherwise.FALLBACK) {
			return new OtherwiseAction(otherwise, returnType, null);
		}
		if (fallback.isEmpty()) {
			throw place.invalid("has otherwise = FALLBACK but names no fallback",
					"Name the method to run with fallback = \"…\".");
		}
		return new OtherwiseAction(otherwise, returnType, findFallback(place, fallback, rejection));
	}

	private static Method findFallback(AnnotatedMethod<?> place, String name,
			Class<? extends ConcordException> rejection) {
		Set<Method> candidates = candidates(place, name);
		for (boolean withRejection : new boolean[] { true, false }) {
			for (Method candidate : candidates) {
				if (takes(place, candidate, rejection, withRejection)) {
					requireFittingReturnType(place, candidate);
					ReflectionUtils.makeAccessible(candidate);
					return candidate;
				}
			}
		}
		String wanted = name + place.parameterTypes();
		throw place.invalid(
				candidates.isEmpty() ? "names a fallback '" + name + "' that does not exist"
						: "names a fallback '" + name + "' whose parameters don't fit",
				"Add a method " + wanted + " to " + place.targetClass().getName()
						+ ", with the same parameters as the annotated method and, if you like, a "
						+ rejection.getSimpleName() + " as a last one.");
	}

	private static Set<Method> candidates(AnnotatedMethod<?> place, String name) {
		Set<Method> candidates = new LinkedHashSet<>();
		for (Class<?> type : new Class<?>[] { place.targetClass(), place.method().getDeclaringClass() }) {
			for (Method method : ReflectionUtils.getUniqueDeclaredMethods(type)) {
				if (method.getName().equals(name) && !method.isBridge() && !method.equals(place.method())) {
					candidates.add(method);
				}
			}
		}
		return candidates;
	}

	private static boolean takes(AnnotatedMethod<?> place, Method candidate,
			Class<? extends ConcordException> rejection, boolean withRejection) {
		int count = place.method().getParameterCount();
		if (candidate.getParameterCount() != (withRejection ? count + 1 : count)) {
			return false;
		}
		for (int i = 0; i < count; i++) {
			if (place.parameterType(i) != parameterType(place, candidate, i)) {
				return false;
			}
		}
		if (!withRejection) {
			return true;
		}
		Class<?> last = parameterType(place, candidate, count);
		return last.isAssignableFrom(rejection) && ConcordException.class.isAssignableFrom(last);
	}

	private static Class<?> parameterType(AnnotatedMethod<?> place, Method candidate, int index) {
		return ResolvableType.forMethodParameter(candidate, index, place.targetClass())
			.resolve(candidate.getParameterTypes()[index]);
	}

	private static void requireFittingReturnType(AnnotatedMethod<?> place, Method fallback) {
		Class<?> wanted = place.returnType();
		Class<?> found = ResolvableType.forMethodReturnType(fallback, place.targetClass())
			.resolve(fallback.getReturnType());
		if (!ClassUtils.isAssignable(wanted, found)) {
			throw place.invalid(
					"names a fallback '" + fallback.getName() + "' that returns " + found.getSimpleName()
							+ " where the method returns " + wanted.getSimpleName(),
					"Let the fallback return " + wanted.getSimpleName() + " too.");
		}
	}

	/**
	 * Registers what it needs in a native image.
	 * @param hints takes the fallback method
	 */
	public void registerHints(ReflectionHints hints) {
		if (this.fallback != null) {
			hints.registerMethod(this.fallback, ExecutableMode.INVOKE);
		}
	}

	/**
	 * Does it.
	 * @param invocation the call that is not let through
	 * @param rejection why
	 * @return the result of the call
	 * @throws Throwable the rejection itself, or what the fallback method threw
	 */
	public @Nullable Object apply(ProxyMethodInvocation invocation, ConcordException rejection) throws Throwable {
		return switch (this.otherwise) {
			case THROW -> throw rejection;
			case SKIP -> (this.returnType == Optional.class) ? Optional.empty() : null;
			case FALLBACK -> runFallback(invocation, rejection);
		};
	}

	private @Nullable Object runFallback(ProxyMethodInvocation invocation, ConcordException rejection)
			throws Throwable {
		Method method = Objects.requireNonNull(this.fallback);
		@Nullable Object[] arguments = invocation.getArguments();
		if (method.getParameterCount() > arguments.length) {
			arguments = Arrays.copyOf(arguments, arguments.length + 1);
			arguments[arguments.length - 1] = rejection;
		}
		Object target = invocation.getThis();
		// A method of an interface that only the proxy implements, as with repositories.
		Object receiver = method.getDeclaringClass().isInstance(target) ? target : invocation.getProxy();
		try {
			return method.invoke(receiver, arguments);
		}
		catch (InvocationTargetException ex) {
			throw ex.getTargetException();
		}
	}

}
