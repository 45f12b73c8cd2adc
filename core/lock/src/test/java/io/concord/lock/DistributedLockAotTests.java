package io.concord.lock;

import java.io.IOException;
import java.time.Duration;

import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;

import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.Otherwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.springframework.aot.hint.predicate.RuntimeHintsPredicates.reflection;

/**
 * What processing ahead of time knows of annotated methods.
 */
class DistributedLockAotTests {

	private static final String REGISTRATIONS = "io/concord/lock/DistributedLockAotTests__BeanFactoryRegistrations.java";

	private final InMemoryGeneratedFiles files = new InMemoryGeneratedFiles();

	@Test
	void registersWhatCallsNeed() {
		RuntimeHints hints = process(Shop.class);
		assertThat(reflection().onMethodInvocation(Shop.class, "place")).accepts(hints);
		assertThat(reflection().onMethodInvocation(AbstractShop.class, "later")).accepts(hints);
		assertThat(reflection().onMethodInvocation(Order.class, "sku")).accepts(hints);
		assertThat(reflection().onMethodInvocation(AbstractShop.class, "other")).rejects(hints);
	}

	@Test
	void generatesTheProxyAndKeepsThePostProcessor() throws IOException {
		process(Shop.class);
		assertThat(this.files.getGeneratedFiles(Kind.CLASS).keySet())
			.anyMatch((file) -> file.contains("Shop$$SpringCGLIB$$"));
		assertThat(this.files.getGeneratedFileContent(Kind.SOURCE, REGISTRATIONS)).contains("\"postProcessor\"");
	}

	@Test
	void refusesWhatCannotWork() {
		assertThatException().isThrownBy(() -> process(PrivateMethod.class))
			.satisfies((ex) -> assertThat(ex).hasRootCauseInstanceOf(InvalidAnnotationException.class));
	}

	private RuntimeHints process(Class<?> bean) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(Locks.class, bean);
			DefaultGenerationContext generation = new DefaultGenerationContext(
					new ClassNameGenerator(ClassName.get(DistributedLockAotTests.class)), this.files);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			generation.writeGeneratedContent();
			return generation.getRuntimeHints();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Locks {

		@Bean
		static DistributedLockBeanPostProcessor postProcessor() {
			return new DistributedLockBeanPostProcessor(() -> {
				throw new IllegalStateException("Nothing is locked while it is processed");
			}, LockSettings::defaults, () -> Duration.ofSeconds(1));
		}

	}

	abstract static class AbstractShop {

		String later(Order order, LockUnavailableException ex) {
			return other();
		}

		String other() {
			return "later";
		}

	}

	static class Shop extends AbstractShop {

		@DistributedLock(name = "stock", key = "#order.sku", otherwise = Otherwise.FALLBACK, fallback = "later")
		String place(Order order) {
			return order.sku();
		}

	}

	record Order(String sku) {
	}

	static class PrivateMethod {

		@DistributedLock
		private void place() {
		}

		void callsIt() {
			place();
		}

	}

}
