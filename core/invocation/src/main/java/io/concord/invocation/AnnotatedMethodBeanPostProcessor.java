package io.concord.invocation;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.MethodMatcher;
import org.springframework.aop.Pointcut;
import org.springframework.aop.PointcutAdvisor;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.MethodClassKey;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationConfigurationException;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Puts the advice of one annotation around the methods of beans. Needs neither AspectJ
 * nor an auto-proxy creator.
 *
 * <p>
 * All annotated methods of a class, those that can't be advised as well, are checked and
 * {@linkplain #resolve resolved} when the first bean of the class is created; what can't
 * work fails there with an {@link InvalidAnnotationException} and not at the first call.
 *
 * <p>
 * The advice stands outside of all advice that the bean has at this point, so outside of
 * a transaction, and inside of {@code @Async} and retries, whose post-processors come
 * later. When all singletons exist, this is checked.
 *
 * @param <A> the annotation
 * @param <O> what an annotated method is resolved to
 */
@SuppressWarnings("serial")
public abstract class AnnotatedMethodBeanPostProcessor<A extends Annotation, O>
		extends AbstractBeanFactoryAwareAdvisingPostProcessor
		implements SmartInitializingSingleton, BeanRegistrationAotProcessor {

	/**
	 * Before the post-processors of {@code @Async} and of Spring's resilience
	 * annotations, which put themselves around what is there: they run at the lowest
	 * precedence and one above.
	 */
	public static final int DEFAULT_ORDER = Ordered.LOWEST_PRECEDENCE - 100;

	private static final String TRANSACTION_INTERCEPTOR = "org.springframework.transaction.interceptor.TransactionInterceptor";

	private final Class<A> annotationType;

	private final Map<Class<?>, Map<Method, AnnotatedMethod<A>>> annotatedMethods = new ConcurrentHashMap<>();

	private final Map<MethodClassKey, O> operations = new ConcurrentHashMap<>();

	private final Set<String> advisedBeans = ConcurrentHashMap.newKeySet();

	private volatile boolean started;

	protected AnnotatedMethodBeanPostProcessor(Class<A> annotationType) {
		this.annotationType = annotationType;
		this.advisor = new DefaultPointcutAdvisor(new AnnotatedMethodPointcut(), (MethodInterceptor) this::intercept);
		setBeforeExistingAdvisors(true);
		setOrder(DEFAULT_ORDER);
	}

	/**
	 * Checks an annotated method and prepares what its calls need. Called once for each
	 * method and class, before the bean is used.
	 * @param method the method; neither private nor static
	 * @return what {@link #invoke} takes
	 * @throws InvalidAnnotationException if the annotation can't work
	 */
	protected abstract O resolve(AnnotatedMethod<A> method);

	/**
	 * Handles a call of an annotated method.
	 * @param invocation the call
	 * @param operation what the method was resolved to
	 * @return the result of the call
	 * @throws Throwable what the method or the advice throws
	 */
	protected abstract @Nullable Object invoke(ProxyMethodInvocation invocation, O operation) throws Throwable;

	/**
	 * Registers what the calls of an annotated method need in a native image beside the
	 * method itself and the properties of its arguments, of which keys are made. Does
	 * nothing by default.
	 * @param method the method
	 * @param hints takes the hints
	 */
	protected void registerHints(AnnotatedMethod<A> method, RuntimeHints hints) {
	}

	/**
	 * Resolves the placeholders in an attribute.
	 * @param place the annotation
	 * @param attribute name of the attribute
	 * @param value its value, with <code>${…}</code> placeholders
	 * @return the value without placeholders
	 * @throws InvalidAnnotationException if there is no value for a placeholder
	 */
	protected final String resolvePlaceholders(AnnotatedMethod<?> place, String attribute, String value) {
		String resolved;
		try {
			resolved = (this.beanFactory != null) ? this.beanFactory.resolveEmbeddedValue(value) : value;
		}
		catch (IllegalArgumentException ex) {
			throw unresolved(place, attribute, value, ex);
		}
		if (resolved == null) {
			return "";
		}
		if (resolved.contains("${")) {
			throw unresolved(place, attribute, value, null);
		}
		return resolved;
	}

	private static InvalidAnnotationException unresolved(AnnotatedMethod<?> place, String attribute, String value,
			@Nullable Throwable cause) {
		return place.invalid("has a placeholder without a value in its " + attribute + ": '" + value + "'",
				"Set the property, or give the placeholder a default: ${property:default}.", cause);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof AopInfrastructureBean) {
			return bean;
		}
		Collection<AnnotatedMethod<A>> methods = annotatedMethods(advisableType(bean)).values();
		if (methods.isEmpty()) {
			return bean;
		}
		methods.forEach(this::operation);
		Object proxy = super.postProcessAfterInitialization(bean, beanName);
		checkReachable(proxy, methods);
		if (!this.started) {
			this.advisedBeans.add(beanName);
		}
		return proxy;
	}

	/** Has to be there at run time as well, as it advises. */
	@Override
	public boolean isBeanExcludedFromAotProcessing() {
		return false;
	}

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean registeredBean) {
		Collection<AnnotatedMethod<A>> methods = annotatedMethods(registeredBean.getBeanClass()).values();
		if (methods.isEmpty()) {
			return null;
		}
		return (generationContext, code) -> methods
			.forEach((method) -> registerAllHints(method, generationContext.getRuntimeHints()));
	}

	private void registerAllHints(AnnotatedMethod<A> method, RuntimeHints hints) {
		check(method);
		hints.reflection().registerMethod(method.method(), ExecutableMode.INVOKE);
		new BindingReflectionHintsRegistrar().registerReflectionHints(hints.reflection(),
				method.method().getGenericParameterTypes());
		registerHints(method, hints);
	}

	/**
	 * Returns the class whose annotations count: that behind a proxy, whose advice is
	 * joined, or else that of the proxy, which will be wrapped. The latter for
	 * repositories and the like, where the annotated interface is the proxy's alone.
	 */
	private Class<?> advisableType(Object bean) {
		Class<?> targetClass = AopUtils.getTargetClass(bean);
		Map<Method, AnnotatedMethod<A>> methods = annotatedMethods(targetClass);
		if (methods.isEmpty() || !(bean instanceof Advised advised)) {
			return bean.getClass();
		}
		if (advised.isFrozen()) {
			throw methods.values()
				.iterator()
				.next()
				.invalid("can't work, as the bean has a frozen proxy that takes no further advice",
						"Don't freeze the proxy (ProxyConfig.setFrozen).");
		}
		return targetClass;
	}

	@Override
	protected boolean isEligible(Class<?> targetClass) {
		return !annotatedMethods(targetClass).isEmpty();
	}

	@Override
	protected void customizeProxyFactory(ProxyFactory proxyFactory) {
		Class<?> targetClass = proxyFactory.getTargetClass();
		boolean byInterface = !proxyFactory.isProxyTargetClass() && proxyFactory.getProxiedInterfaces().length > 0;
		if (targetClass == null || byInterface || !Modifier.isFinal(targetClass.getModifiers())
				|| Proxy.isProxyClass(targetClass) || ClassUtils.isLambdaClass(targetClass)) {
			return;
		}
		throw annotatedMethods(targetClass).values()
			.iterator()
			.next()
			.invalid("can't work, as " + targetClass.getName() + " is final and a proxy can't extend it",
					"Remove final from the class, or let it implement an interface that has the method and proxy "
							+ "by interface (proxyTargetClass = false).");
	}

	private void checkReachable(Object proxy, Collection<AnnotatedMethod<A>> methods) {
		for (AnnotatedMethod<A> method : methods) {
			if (AopUtils.isCglibProxy(proxy) && Modifier.isFinal(method.method().getModifiers())) {
				throw method.invalid("can't work, as the method is final and a proxy can't override it",
						"Remove final from the method.");
			}
			if (AopUtils.isJdkDynamicProxy(proxy) && method.source() != null && !isExposed(proxy, method)) {
				throw method.invalid(
						"can't work, as the bean is proxied by interface and no interface of it has the method",
						"Add the method to an interface of the bean, or proxy by class (proxyTargetClass = true).");
			}
		}
	}

	private static boolean isExposed(Object proxy, AnnotatedMethod<?> method) {
		return Arrays.stream(proxy.getClass().getInterfaces())
			.flatMap((type) -> Arrays.stream(type.getMethods()))
			.anyMatch((candidate) -> candidate.equals(method.method())
					|| AopUtils.getMostSpecificMethod(candidate, method.targetClass()).equals(method.method()));
	}

	/**
	 * Checks that no transaction stands outside of this advice, where it would end after
	 * what the advice holds has been given back.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		this.started = true;
		for (String beanName : this.advisedBeans) {
			if (this.beanFactory != null && this.beanFactory.containsSingleton(beanName)
					&& this.beanFactory.isSingleton(beanName)) {
				checkTransactions(this.beanFactory.getBean(beanName), beanName);
			}
		}
		this.advisedBeans.clear();
	}

	private void checkTransactions(Object bean, String beanName) {
		List<Advisor> outside = new ArrayList<>();
		Object current = bean;
		while (current instanceof Advised advised) {
			for (Advisor candidate : advised.getAdvisors()) {
				if (candidate == this.advisor) {
					annotatedMethods(AopUtils.getTargetClass(advised)).values()
						.forEach((method) -> checkTransactions(method, outside, beanName));
					return;
				}
				outside.add(candidate);
			}
			current = staticTarget(advised);
		}
	}

	private static @Nullable Object staticTarget(Advised advised) {
		try {
			return advised.getTargetSource().isStatic() ? advised.getTargetSource().getTarget() : null;
		}
		catch (Exception ex) {
			throw new IllegalStateException("A static target source failed: " + advised.getTargetSource(), ex);
		}
	}

	private static void checkTransactions(AnnotatedMethod<?> method, List<Advisor> outside, String beanName) {
		for (Advisor candidate : outside) {
			if (isTransactional(candidate.getAdvice().getClass()) && applies(candidate, method)) {
				throw method.invalid(
						"stands inside of a transaction: bean '" + beanName
								+ "' has a TransactionInterceptor outside of its advice",
						"Use @Transactional with @EnableTransactionManagement, whose advice is placed inside, or "
								+ "give the auto-proxy creator that adds the transaction an order before "
								+ DEFAULT_ORDER + ".");
			}
		}
	}

	private static boolean isTransactional(@Nullable Class<?> adviceType) {
		return adviceType != null && (adviceType.getName().equals(TRANSACTION_INTERCEPTOR)
				|| isTransactional(adviceType.getSuperclass()));
	}

	private static boolean applies(Advisor candidate, AnnotatedMethod<?> method) {
		if (candidate instanceof PointcutAdvisor pointcutAdvisor) {
			Pointcut pointcut = pointcutAdvisor.getPointcut();
			MethodMatcher matcher = pointcut.getMethodMatcher();
			return pointcut.getClassFilter().matches(method.targetClass())
					&& matcher.matches(method.method(), method.targetClass());
		}
		return true;
	}

	private @Nullable Object intercept(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Method method = invocation.getMethod();
		Class<?> targetClass = (target != null) ? target.getClass() : method.getDeclaringClass();
		MethodClassKey key = new MethodClassKey(method, targetClass);
		O operation = this.operations.get(key);
		if (operation == null) {
			AnnotatedMethod<A> annotated = find(method, targetClass);
			if (annotated == null) {
				return invocation.proceed();
			}
			operation = operation(annotated);
			this.operations.put(key, operation);
		}
		return invoke((ProxyMethodInvocation) invocation, operation);
	}

	/**
	 * Not {@code computeIfAbsent}: what resolves a method may create beans, and so come
	 * by here again.
	 */
	private O operation(AnnotatedMethod<A> annotated) {
		MethodClassKey key = new MethodClassKey(annotated.method(), annotated.targetClass());
		O operation = this.operations.get(key);
		if (operation == null) {
			check(annotated);
			operation = resolve(annotated);
			O earlier = this.operations.putIfAbsent(key, operation);
			operation = (earlier != null) ? earlier : operation;
		}
		return operation;
	}

	private static void check(AnnotatedMethod<?> annotated) {
		Method method = annotated.method();
		if (Modifier.isPrivate(method.getModifiers())) {
			throw annotated.invalid("can't work, as the method is private and a proxy can't override it",
					"Make the method public, and call it from another bean.");
		}
		if (Modifier.isStatic(method.getModifiers())) {
			throw annotated.invalid("can't work, as the method is static and not called through a bean",
					"Make it an instance method.");
		}
		int count = method.getParameterCount();
		if (count > 0 && method.getParameterTypes()[count - 1].getName().equals("kotlin.coroutines.Continuation")) {
			throw annotated.invalid(
					"is refused, as the method is a Kotlin suspend function, which returns before "
							+ "its work is done",
					"Put the annotation on a plain function and call it from the coroutine.");
		}
	}

	private @Nullable AnnotatedMethod<A> find(Method method, Class<?> targetClass) {
		Map<Method, AnnotatedMethod<A>> methods = annotatedMethods(targetClass);
		if (methods.isEmpty()) {
			return null;
		}
		AnnotatedMethod<A> found = methods.get(AopUtils.getMostSpecificMethod(method, targetClass));
		// The methods of a proxy class are known by those of its interfaces.
		return (found != null) ? found : methods.get(method);
	}

	private Map<Method, AnnotatedMethod<A>> annotatedMethods(Class<?> type) {
		Class<?> userClass = ClassUtils.getUserClass(type);
		Map<Method, AnnotatedMethod<A>> methods = this.annotatedMethods.get(userClass);
		if (methods == null) {
			methods = findAnnotatedMethods(userClass);
			this.annotatedMethods.put(userClass, methods);
		}
		return methods;
	}

	private Map<Method, AnnotatedMethod<A>> findAnnotatedMethods(Class<?> userClass) {
		if (!AnnotationUtils.isCandidateClass(userClass, this.annotationType)) {
			return Map.of();
		}
		try {
			MergedAnnotation<A> ofClass = MergedAnnotations.from(userClass, SearchStrategy.TYPE_HIERARCHY)
				.get(this.annotationType);
			Map<Method, AnnotatedMethod<A>> methods = MethodIntrospector.selectMethods(userClass,
					(MethodIntrospector.MetadataLookup<AnnotatedMethod<A>>) (method) -> findAnnotated(method, userClass,
							ofClass));
			return methods.isEmpty() ? Map.of() : methods;
		}
		catch (AnnotationConfigurationException ex) {
			throw new InvalidAnnotationException(
					"@" + this.annotationType.getSimpleName() + " in " + userClass.getName()
							+ " has attributes that contradict each other: " + ex.getMessage(),
					"Set an attribute or its alias, not both.", ex);
		}
	}

	private @Nullable AnnotatedMethod<A> findAnnotated(Method method, Class<?> userClass, MergedAnnotation<A> ofClass) {
		MergedAnnotation<A> ofMethod = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY)
			.get(this.annotationType);
		if (ofMethod.isPresent()) {
			Method source = (ofMethod.getSource() instanceof Method bearer) ? bearer : method;
			return new AnnotatedMethod<>(method, userClass, ofMethod.synthesize(), source);
		}
		boolean byClass = ofClass.isPresent() && Modifier.isPublic(method.getModifiers())
				&& !Modifier.isStatic(method.getModifiers()) && !ReflectionUtils.isObjectMethod(method);
		return byClass ? new AnnotatedMethod<>(method, userClass, ofClass.synthesize(), null) : null;
	}

	private final class AnnotatedMethodPointcut extends StaticMethodMatcherPointcut {

		@Override
		public boolean matches(Method method, Class<?> targetClass) {
			return find(method, targetClass) != null;
		}

	}

}
