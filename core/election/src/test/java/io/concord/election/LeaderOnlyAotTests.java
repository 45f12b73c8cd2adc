package io.concord.election;

import org.junit.jupiter.api.Test;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;

import io.concord.invocation.Otherwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.aot.hint.predicate.RuntimeHintsPredicates.reflection;

class LeaderOnlyAotTests {

	@Test
	void registersWhatCallsNeedAndAsksForNoElection() {
		RuntimeHints hints;
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(Elections.class, Reports.class);
			DefaultGenerationContext generation = new DefaultGenerationContext(
					new ClassNameGenerator(ClassName.get(LeaderOnlyAotTests.class)), new InMemoryGeneratedFiles());
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
			generation.writeGeneratedContent();
			hints = generation.getRuntimeHints();
		}
		assertThat(reflection().onMethodInvocation(Reports.class, "send")).accepts(hints);
		assertThat(reflection().onMethodInvocation(Reports.class, "later")).accepts(hints);
	}

	@Configuration(proxyBeanMethods = false)
	static class Elections {

		@Bean
		static LeaderOnlyBeanPostProcessor postProcessor() {
			return new LeaderOnlyBeanPostProcessor(() -> {
				throw new IllegalStateException("Nobody is elected while it is processed");
			});
		}

	}

	static class Reports {

		@LeaderOnly(value = "reports", otherwise = Otherwise.FALLBACK, fallback = "later")
		String send() {
			return "sent";
		}

		String later() {
			return "later";
		}

	}

}
