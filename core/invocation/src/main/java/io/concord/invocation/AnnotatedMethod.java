package io.concord.invocation;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ResolvableType;

/**
 * A method of a bean's class to which an annotation applies, and the place for messages.
 * Immutable.
 *
 * @param <A> the annotation
 * @param method the method that runs: the most specific one of the class, never a bridge
 * @param targetClass the class of the bean, never that of a proxy
 * @param annotation the annotation with the attributes of composed annotations merged in
 * @param source the method that bears the annotation, which may be one of an interface or
 * a superclass; {@code null} if a class or interface bears it
 */
public record AnnotatedMethod<A extends Annotation>(Method method, Class<?> targetClass, A annotation,
		@Nullable Method source) {

	/** By name, as none of these libraries has to be there. */
	private static final Set<String> PUBLISHERS = Set.of("org.reactivestreams.Publisher",
			"java.util.concurrent.Flow$Publisher", "kotlinx.coroutines.flow.Flow");

	private static final DefaultParameterNameDiscoverer PARAMETER_NAMES = new DefaultParameterNameDiscoverer();

	/**
	 * Returns the place as a message shows it.
	 * @return such as {@code @DistributedLock on com.example.Orders.place(Order)}
	 */
	public String describe() {
		return "@" + this.annotation.annotationType().getSimpleName() + " on " + describeMethod();
	}

	/**
	 * Returns the method as a message shows it.
	 * @return such as {@code com.example.Orders.place(Order)}
	 */
	public String describeMethod() {
		return qualifiedMethodName() + parameterTypes();
	}

	/**
	 * Returns the fully qualified name of the bean's class, a dot and the name of the
	 * method.
	 * @return such as {@code com.example.Orders.place}
	 */
	public String qualifiedMethodName() {
		return owner().getName() + "." + this.method.getName();
	}

	private Class<?> owner() {
		if (!Proxy.isProxyClass(this.targetClass)) {
			return this.targetClass;
		}
		// The name of such a class differs from start to start.
		return Arrays.stream(this.targetClass.getInterfaces())
			.filter(this.method.getDeclaringClass()::isAssignableFrom)
			.findFirst()
			.orElse(this.method.getDeclaringClass());
	}

	String parameterTypes() {
		StringJoiner types = new StringJoiner(", ", "(", ")");
		for (Class<?> type : this.method.getParameterTypes()) {
			types.add(type.getSimpleName());
		}
		return types.toString();
	}

	/**
	 * Creates an exception that names this place.
	 * @param problem what is wrong, such as {@code "has a negative waitTime"}; follows
	 * the place in the sentence
	 * @param action what to do about it, one or more sentences
	 * @return the exception, to be thrown
	 */
	public InvalidAnnotationException invalid(String problem, String action) {
		return invalid(problem, action, null);
	}

	InvalidAnnotationException invalid(String problem, String action, @Nullable Throwable cause) {
		return new InvalidAnnotationException(describe() + " " + problem + ".", action, cause);
	}

	/**
	 * Refuses a method that returns before its work is done: one that returns a future or
	 * a publisher of any kind.
	 * @param consequence why that doesn't work, such as {@code "the lock would be
	 * released before the work is done"}
	 * @throws InvalidAnnotationException if the method is of this kind
	 */
	void requireSynchronous(String consequence) {
		Class<?> type = returnType();
		if (Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type) || isPublisher(type)) {
			throw invalid("is refused, as the method returns a " + type.getSimpleName() + ": " + consequence,
					"Return a CompletionStage, a CompletableFuture, a Mono or a Flux, or put the annotation on a method "
							+ "that does the work itself and returns when it is done.");
		}
	}

	private static boolean isPublisher(@Nullable Class<?> type) {
		if (type == null) {
			return false;
		}
		return PUBLISHERS.contains(type.getName()) || isPublisher(type.getSuperclass())
				|| Arrays.stream(type.getInterfaces()).anyMatch(AnnotatedMethod::isPublisher);
	}

	/**
	 * Returns the type that the method returns, with type variables resolved against the
	 * class of the bean.
	 * @return the raw return type
	 */
	public Class<?> returnType() {
		return ResolvableType.forMethodReturnType(this.method, this.targetClass).resolve(this.method.getReturnType());
	}

	/**
	 * Returns the type of a parameter, with type variables resolved against the class of
	 * the bean.
	 * @param index index of the parameter
	 * @return its raw type
	 */
	Class<?> parameterType(int index) {
		return ResolvableType.forMethodParameter(this.method, index, this.targetClass)
			.resolve(this.method.getParameterTypes()[index]);
	}

	/**
	 * Returns the names by which expressions may call the parameters.
	 * @return per parameter its names: that of the bearer of the annotation, that of the
	 * method which runs
	 */
	List<Set<String>> parameterNames() {
		List<Set<String>> names = new ArrayList<>();
		for (int i = 0; i < this.method.getParameterCount(); i++) {
			names.add(new LinkedHashSet<>());
		}
		addParameterNames(this.source, names);
		addParameterNames(this.method, names);
		return names;
	}

	private static void addParameterNames(@Nullable Method method, List<Set<String>> names) {
		@Nullable String @Nullable [] found = (method != null) ? PARAMETER_NAMES.getParameterNames(method) : null;
		if (found != null) {
			for (int i = 0; i < found.length; i++) {
				String name = found[i];
				if (name != null) {
					names.get(i).add(name);
				}
			}
		}
	}

}
