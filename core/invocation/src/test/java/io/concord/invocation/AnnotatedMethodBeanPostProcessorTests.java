package io.concord.invocation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import kotlin.coroutines.Continuation;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.NameMatchTransactionAttributeSource;
import org.springframework.transaction.interceptor.RuleBasedTransactionAttribute;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatNoException;

class AnnotatedMethodBeanPostProcessorTests {

	private final List<String> log = new ArrayList<>();

	private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

	@AfterEach
	void closeContexts() {
		this.contexts.forEach(AnnotationConfigApplicationContext::close);
	}

	@Test
	void advisesAnnotatedMethodsOnly() {
		Plain bean = start(new Plain());
		assertThat(AopUtils.isCglibProxy(bean)).isTrue();
		bean.annotated();
		bean.other();
		assertThat(this.log).containsExactly("before annotated", "after annotated");
	}

	@Test
	void leavesBeansWithoutAnnotationAlone() {
		Object bean = start(new Object());
		assertThat(AopUtils.isAopProxy(bean)).isFalse();
	}

	@Test
	void advisesProtectedAndPackagePrivateMethodsOfProxiedClass() {
		NotPublic bean = start(new NotPublic());
		bean.ofPackage();
		bean.ofFamily();
		assertThat(this.log).contains("before ofPackage", "before ofFamily");
	}

	@Test
	void advisesPublicMethodsOfAnnotatedClass() {
		ByClass bean = start(new ByClass());
		bean.run();
		bean.inherited();
		bean.ofPackage();
		assertThat(bean.toString()).isEqualTo("bean by class");
		assertThat(this.log).containsExactly("before class", "after class", "before class", "after class");
	}

	@Test
	void annotationOfMethodReplacesThatOfClass() {
		ByClass bean = start(new ByClass());
		bean.own();
		assertThat(this.log).containsExactly("before own", "after own");
	}

	@Test
	void advisesMethodsAnnotatedInInterface() {
		Api bean = start(Api.class, new Impl());
		bean.run("a");
		assertThat(this.log).containsExactly("before in interface", "after in interface");
	}

	@Test
	void advisesImplementationBehindInterfaceProxy() {
		ImplAnnotated target = new ImplAnnotated();
		try (AnnotationConfigApplicationContext context = context()) {
			context.getBeanFactory()
				.registerSingleton("org.springframework.aop.framework.autoproxy.defaultProxyConfig", byInterface());
			context.registerBean("bean", PlainApi.class, () -> target);
			context.refresh();
			PlainApi bean = context.getBean(PlainApi.class);
			assertThat(AopUtils.isJdkDynamicProxy(bean)).isTrue();
			bean.run("a");
		}
		assertThat(this.log).containsExactly("before in class", "after in class");
	}

	@Test
	void advisesBridgedMethodOnce() {
		Generic<String> bean = start(new OfText());
		bean.handle("a");
		assertThat(this.log).containsExactly("before generic", "after generic");
	}

	@Test
	void mergesAttributesOfComposedAnnotation() {
		WithComposed bean = start(new WithComposed());
		bean.run();
		assertThat(this.log).containsExactly("before by composed", "after by composed");
	}

	@Test
	void advisesInterfaceThatOnlyTheProxyHas() {
		try (AnnotationConfigApplicationContext context = context()) {
			context.registerBean("repository", RepositoryFactory.class);
			context.refresh();
			context.getBean(Repository.class).find();
			context.getBean(Repository.class).inherited();
		}
		assertThat(this.log).containsExactly("before repository", "after repository", "before repository",
				"after repository");
	}

	@Test
	void advisesForeignInterfaceProxy() {
		InvocationHandler handler = (proxy, method, arguments) -> method.getName().equals("toString") ? "proxy" : null;
		Api foreign = (Api) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Api.class }, handler);
		start(Api.class, foreign).run("a");
		assertThat(this.log).containsExactly("before in interface", "after in interface");
	}

	@Test
	void standsOutsideOfTransaction() {
		try (AnnotationConfigApplicationContext context = context(TransactionConfiguration.class)) {
			context.registerBean(InTransaction.class, () -> new InTransaction(this.log));
			context.refresh();
			context.getBean(InTransaction.class).run();
		}
		assertThat(this.log).containsExactly("before transactional", "begin", "body in transaction", "commit",
				"after transactional");
	}

	@Test
	void standsInsideOfAsync() throws Exception {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			// The worse order: among equals, what is registered later stands outside.
			context.register(AsyncConfiguration.class, RecorderConfiguration.class);
			CompletableFuture<Thread> thread = new CompletableFuture<>();
			context.registerBean(Asynchronous.class, () -> new Asynchronous(thread));
			context.refresh();
			context.getBean(Asynchronous.class).run();
			Thread ranOn = thread.get(10, TimeUnit.SECONDS);
			assertThat(ranOn).isNotSameAs(Thread.currentThread());
			assertThat(context.getBean(Recorder.class).lastThread).isSameAs(ranOn);
		}
	}

	@Test
	void refusesTransactionOutside() {
		try (AnnotationConfigApplicationContext context = context(OuterTransactionConfiguration.class)) {
			context.registerBean("transacted", Plain.class);
			assertThatException().isThrownBy(context::refresh)
				.satisfies((ex) -> assertInvalid(ex, Plain.class.getName() + ".annotated()", "TransactionInterceptor",
						"@EnableTransactionManagement"));
		}
	}

	@Test
	void toleratesOuterTransactionOfOtherBeans() {
		try (AnnotationConfigApplicationContext context = context(OuterTransactionConfiguration.class)) {
			context.registerBean("other", Plain.class);
			assertThatNoException().isThrownBy(context::refresh);
		}
	}

	@Test
	void refusesPrivateMethod() {
		assertRefused(new WithPrivate(), "WithPrivate.hidden()", "is private", "Make the method public");
	}

	@Test
	void refusesStaticMethod() {
		assertRefused(new WithStatic(), "WithStatic.ofClass()", "is static", "instance method");
	}

	@Test
	void refusesFinalMethod() {
		assertRefused(new WithFinal(), "WithFinal.fixed()", "is final", "Remove final");
	}

	@Test
	void refusesPublicFinalMethodOfAnnotatedClass() {
		assertRefused(new ByClassWithFinal(), "ByClassWithFinal.fixed()", "is final", "Remove final");
	}

	@Test
	void leavesUnadvisableHelpersOfAnnotatedClassAlone() {
		ByClassWithHelpers bean = start(new ByClassWithHelpers());
		bean.run();
		assertThat(this.log).containsExactly("before class", "after class");
	}

	@Test
	void refusesFinalClassThatNeedsAClassProxy() {
		assertRefused(new FinalClass(), "FinalClass.run()", "FinalClass is final", "Remove final from the class");
	}

	@Test
	void refusesSuspendFunction() {
		assertRefused(new WithSuspend(), "WithSuspend.run(String, Continuation)", "suspend", "plain function");
	}

	@Test
	void refusesMethodThatInterfaceProxyHides() {
		try (AnnotationConfigApplicationContext context = context()) {
			context.getBeanFactory()
				.registerSingleton("org.springframework.aop.framework.autoproxy.defaultProxyConfig", byInterface());
			context.registerBean("bean", PlainApi.class, HidesMethod::new);
			assertThatException().isThrownBy(context::refresh)
				.satisfies((ex) -> assertInvalid(ex, "HidesMethod.notInInterface()",
						"no interface of it has the method", "proxyTargetClass = true"));
		}
	}

	@Test
	void refusesFrozenProxy() {
		ProxyFactory factory = new ProxyFactory(new Plain());
		factory.setProxyTargetClass(true);
		factory.setFrozen(true);
		assertRefused(factory.getProxy(), "Plain.annotated()", "frozen", "Don't freeze");
	}

	@Test
	void refusesContradictingAliases() {
		assertRefused(new Contradicting(), "Contradicting", "contradict each other", "not both");
	}

	@Test
	void refusesPlaceholderWithoutValue() {
		assertRefused(new WithPlaceholder(), "WithPlaceholder.run()", "placeholder without a value in its name",
				"Set the property");
	}

	@Test
	void resolvesPlaceholderFromEnvironment() {
		try (AnnotationConfigApplicationContext context = context()) {
			context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("test", Map.of("some.property", "resolved")));
			context.registerBean(WithPlaceholder.class);
			context.refresh();
			context.getBean(WithPlaceholder.class).run();
		}
		assertThat(this.log).containsExactly("before resolved", "after resolved");
	}

	@Test
	void refusesLazyAndPrototypeBeansAtCreation() {
		try (AnnotationConfigApplicationContext context = context()) {
			context.registerBean("lazy", WithPrivate.class, (definition) -> definition.setLazyInit(true));
			context.registerBean("prototype", WithStatic.class, (definition) -> definition.setScope("prototype"));
			context.refresh();
			assertThatException().isThrownBy(() -> context.getBean("lazy"))
				.withRootCauseInstanceOf(InvalidAnnotationException.class);
			assertThatException().isThrownBy(() -> context.getBean("prototype"))
				.withRootCauseInstanceOf(InvalidAnnotationException.class);
		}
	}

	@Test
	void resolvesOnceForAllBeansOfAClass() {
		try (AnnotationConfigApplicationContext context = context()) {
			context.registerBean("prototype", Plain.class, (definition) -> definition.setScope("prototype"));
			context.refresh();
			context.getBean(Plain.class).annotated();
			context.getBean(Plain.class).annotated();
			assertThat(context.getBean(Recorder.class).resolved).containsExactly("annotated");
		}
	}

	private <T> T start(T bean) {
		@SuppressWarnings("unchecked")
		Class<T> type = (Class<T>) bean.getClass();
		return start(type, bean);
	}

	private <T> T start(Class<T> type, T bean) {
		AnnotationConfigApplicationContext context = context();
		this.contexts.add(context);
		context.registerBean("bean", type, (Supplier<T>) () -> bean);
		context.refresh();
		return type.cast(context.getBean("bean"));
	}

	private void assertRefused(Object bean, String place, String problem, String remedy) {
		assertThatException().isThrownBy(() -> start(bean))
			.satisfies((ex) -> assertInvalid(ex, place, problem, remedy));
	}

	private static void assertInvalid(Throwable thrown, String place, String problem, String remedy) {
		Throwable invalid = thrown;
		while (!(invalid instanceof InvalidAnnotationException) && invalid.getCause() != null) {
			invalid = invalid.getCause();
		}
		assertThat(invalid).isInstanceOf(InvalidAnnotationException.class)
			.hasMessageContainingAll("@Guarded", place, problem);
		assertThat(((InvalidAnnotationException) invalid).getAction()).contains(remedy);
	}

	private AnnotationConfigApplicationContext context(Class<?>... configurations) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean("recorder", Recorder.class, () -> new Recorder(this.log));
		context.registerBean("log", List.class, () -> this.log);
		if (configurations.length > 0) {
			context.register(configurations);
		}
		return context;
	}

	private static ProxyFactory byInterface() {
		ProxyFactory config = new ProxyFactory();
		config.setProxyTargetClass(false);
		return config;
	}

	@SuppressWarnings("serial")
	static class Recorder extends AnnotatedMethodBeanPostProcessor<Guarded, String> {

		private final List<String> log;

		private final List<String> resolved = new ArrayList<>();

		private volatile @Nullable Thread lastThread;

		Recorder(List<String> log) {
			super(Guarded.class);
			this.log = log;
		}

		@Override
		protected String resolve(AnnotatedMethod<Guarded> method) {
			String name = resolvePlaceholders(method, "name", method.annotation().name());
			name = name.isEmpty() ? method.method().getName() : name;
			this.resolved.add(name);
			return name;
		}

		@Override
		protected @Nullable Object invoke(ProxyMethodInvocation invocation, String operation) throws Throwable {
			this.lastThread = Thread.currentThread();
			this.log.add("before " + operation);
			Object result = invocation.proceed();
			this.log.add("after " + operation);
			return result;
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@Target(ElementType.METHOD)
	@Guarded
	@interface Composed {

		@AliasFor(annotation = Guarded.class, attribute = "name")
		String called();

	}

	static class Plain {

		@Guarded
		public void annotated() {
		}

		public void other() {
		}

	}

	static class NotPublic {

		@Guarded
		void ofPackage() {
		}

		@Guarded
		protected void ofFamily() {
		}

	}

	static class Parent {

		public void inherited() {
		}

	}

	@Guarded("class")
	static class ByClass extends Parent {

		public void run() {
		}

		@Guarded("own")
		public void own() {
		}

		void ofPackage() {
		}

		@Override
		public String toString() {
			return "bean by class";
		}

	}

	@Guarded("class")
	static class ByClassWithFinal {

		public final void fixed() {
		}

	}

	@Guarded("class")
	static class ByClassWithHelpers {

		public void run() {
			hidden();
			ofClass();
			fixed();
		}

		private void hidden() {
		}

		public static void ofClass() {
		}

		final void fixed() {
		}

	}

	interface Api {

		@Guarded("in interface")
		void run(String text);

	}

	static class Impl implements Api {

		@Override
		public void run(String text) {
		}

	}

	interface PlainApi {

		void run(String text);

	}

	static class ImplAnnotated implements PlainApi {

		@Override
		@Guarded("in class")
		public void run(String text) {
		}

	}

	static class HidesMethod implements PlainApi {

		@Override
		public void run(String text) {
		}

		@Guarded
		public void notInInterface() {
		}

	}

	static class Generic<T> {

		public void handle(T value) {
		}

	}

	static class OfText extends Generic<String> {

		@Override
		@Guarded("generic")
		public void handle(String value) {
		}

	}

	static class WithComposed {

		@Composed(called = "by composed")
		public void run() {
		}

	}

	interface BaseRepository {

		void inherited();

	}

	@Guarded("repository")
	interface Repository extends BaseRepository {

		void find();

	}

	static class RepositoryFactory implements FactoryBean<Repository> {

		@Override
		public Repository getObject() {
			ProxyFactory factory = new ProxyFactory();
			factory.setTarget(new GenericRepository());
			factory.setInterfaces(Repository.class);
			factory.addAdvice((MethodInterceptor) (invocation) -> null);
			return (Repository) factory.getProxy();
		}

		@Override
		public Class<?> getObjectType() {
			return Repository.class;
		}

	}

	static class GenericRepository implements BaseRepository {

		@Override
		public void inherited() {
		}

	}

	static class WithPrivate {

		@Guarded
		private void hidden() {
		}

	}

	static class WithStatic {

		@Guarded
		public static void ofClass() {
		}

	}

	static class WithFinal {

		@Guarded
		public final void fixed() {
		}

	}

	static final class FinalClass {

		@Guarded
		public void run() {
		}

	}

	static class WithSuspend {

		@Guarded
		public @Nullable Object run(String text, Continuation continuation) {
			return null;
		}

	}

	static class Contradicting {

		@Guarded(value = "a", name = "b")
		public void run() {
		}

	}

	static class WithPlaceholder {

		@Guarded("${some.property}")
		public void run() {
		}

	}

	static class InTransaction {

		private final List<String> log;

		InTransaction(List<String> log) {
			this.log = log;
		}

		@Transactional
		@Guarded("transactional")
		public void run() {
			this.log
				.add(TransactionSynchronizationManager.isActualTransactionActive() ? "body in transaction" : "body");
		}

	}

	static class Asynchronous {

		private final CompletableFuture<Thread> ranOn;

		Asynchronous(CompletableFuture<Thread> ranOn) {
			this.ranOn = ranOn;
		}

		@Async
		@Guarded("async")
		public void run() {
			this.ranOn.complete(Thread.currentThread());
		}

	}

	@EnableAsync(proxyTargetClass = true)
	static class AsyncConfiguration {

	}

	static class RecorderConfiguration {

		@Bean
		static Recorder recorder() {
			return new Recorder(new ArrayList<>());
		}

	}

	@EnableTransactionManagement(proxyTargetClass = true)
	@Import(RecordingTransactionManager.class)
	static class TransactionConfiguration {

	}

	@Import(RecordingTransactionManager.class)
	static class OuterTransactionConfiguration {

		@Bean
		static BeanNameAutoProxyCreator lateProxyCreator() {
			BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
			creator.setBeanNames("transacted");
			creator.setInterceptorNames("transactionInterceptor");
			return creator;
		}

		@Bean
		static TransactionInterceptor transactionInterceptor(RecordingTransactionManager transactionManager) {
			NameMatchTransactionAttributeSource source = new NameMatchTransactionAttributeSource();
			source.addTransactionalMethod("*", new RuleBasedTransactionAttribute());
			return new TransactionInterceptor((TransactionManager) transactionManager, source);
		}

	}

	@SuppressWarnings("serial")
	static class RecordingTransactionManager extends AbstractPlatformTransactionManager {

		private final List<String> log;

		RecordingTransactionManager(List<String> log) {
			this.log = log;
		}

		@Override
		protected Object doGetTransaction() {
			return this;
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.log.add("begin");
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			this.log.add("commit");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			this.log.add("rollback");
		}

	}

}
