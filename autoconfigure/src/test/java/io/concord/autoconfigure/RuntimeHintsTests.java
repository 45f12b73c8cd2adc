package io.concord.autoconfigure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.javapoet.ClassName;

import io.concord.autoconfigure.actuate.ConcordEndpointAutoConfiguration;
import io.concord.autoconfigure.idgen.IdgenAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.autoconfigure.lock.LockEndpointAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What processing ahead of time hands to native images.
 */
class RuntimeHintsTests {

	private static final RuntimeHints HINTS = process();

	private static RuntimeHints process() {
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get(RuntimeHintsTests.class)), new InMemoryGeneratedFiles());
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues.of("concord.backend=local", "management.endpoints.web.exposure.include=concord")
				.applyTo(context);
			context.register(Application.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		return generation.getRuntimeHints();
	}

	/** The modules of the stores have scripts and DDL, and no other resources. */
	static List<String> resources() throws IOException {
		List<String> paths = new ArrayList<>();
		for (String module : List.of("lease", "idgen")) {
			String root = "io/concord/" + module + "/";
			for (Resource resource : new PathMatchingResourcePatternResolver()
				.getResources("classpath*:" + root + "**/*.*")) {
				String url = resource.getURL().toString();
				if (!url.endsWith(".class")) {
					paths.add(url.substring(url.lastIndexOf(root)));
				}
			}
		}
		return paths;
	}

	@Test
	void lookAtTheScriptsAndTheDdlOfAllModules() throws IOException {
		assertThat(resources()).contains("io/concord/lease/redis/line.lua", "io/concord/lease/guard/schema-mariadb.sql",
				"io/concord/idgen/redis/counter.lua", "io/concord/idgen/jdbc/schema-h2.sql");
	}

	@ParameterizedTest
	@MethodSource("resources")
	void haveEveryResourceOfTheStores(String resource) {
		assertThat(RuntimeHintsPredicates.resource().forResource(resource)).accepts(HINTS);
	}

	static Stream<String> writtenAsJson() {
		return Stream.of("actuate.ConcordEndpoint$Features", "actuate.ConcordEndpoint$Problem",
				"lock.LockEndpointFeature$Here", "lock.LockEndpointFeature$HeldHere",
				"lock.LockEndpointFeature$Anywhere", "lock.LockEndpointFeature$Holder",
				"lock.LockEndpointFeature$Released");
	}

	@ParameterizedTest
	@MethodSource("writtenAsJson")
	void haveWhatTheEndpointWritesAsJson(String type) throws ReflectiveOperationException {
		Class<?> written = Class.forName(getClass().getPackageName() + "." + type);
		assertThat(written.getRecordComponents()).isNotEmpty()
			.allSatisfy((component) -> assertThat(
					RuntimeHintsPredicates.reflection().onMethodInvocation(component.getAccessor()))
				.accepts(HINTS));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ LeaseAutoConfiguration.class, LockAutoConfiguration.class, IdgenAutoConfiguration.class,
			LockEndpointAutoConfiguration.class, ConcordEndpointAutoConfiguration.class })
	static class Application {

	}

}
