package io.concord.architecture;

import java.util.function.Function;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Holds all modules that this one sees to the rules, and shows that each rule bites.
 */
class ArchitectureTests {

	/** A packaged contract kit, which is a directory before that. */
	private static final ImportOption NO_TEST_JARS = (location) -> !location.contains("-tests.jar");

	private static final JavaClasses CONCORD = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.withImportOption(NO_TEST_JARS)
		.importPackages("io.concord");

	private static final String PLANTED_ROOT = "io.concord.architecture.planted";

	private static final JavaClasses PLANTED = new ClassFileImporter().importPackages(PLANTED_ROOT);

	@Test
	void seesAllModules() {
		assertThat(CONCORD.stream().map((type) -> type.getPackageName())).contains("io.concord",
				"io.concord.invocation", "io.concord.lease", "io.concord.lease.jdbc", "io.concord.lease.redis",
				"io.concord.lock", "io.concord.election", "io.concord.idgen", "io.concord.testing",
				"io.concord.autoconfigure");
	}

	@ParameterizedTest
	@MethodSource("rules")
	void isKept(Function<ArchitectureRules, ArchRule> rule, String plantedViolation) {
		rule.apply(new ArchitectureRules("io.concord")).check(CONCORD);
	}

	@ParameterizedTest
	@MethodSource("rules")
	void findsPlantedViolation(Function<ArchitectureRules, ArchRule> rule, String plantedViolation) {
		ArchRule plantedRule = rule.apply(new ArchitectureRules(PLANTED_ROOT));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> plantedRule.check(PLANTED))
			.withMessageContaining(plantedViolation);
	}

	static Stream<Arguments> rules() {
		return Stream.of(
				rule("core doesn't see Spring Boot", ArchitectureRules::coreDoesNotSeeSpringBoot, "lock.SeesBoot"),
				rule("core doesn't see auto-configuration", ArchitectureRules::coreDoesNotSeeAutoConfiguration,
						"lock.SeesAutoConfiguration"),
				rule("features see only what the design says", ArchitectureRules::featuresSeeOnlyWhatTheDesignSays,
						"lease.SeesLock"),
				rule("features are known", ArchitectureRules::featuresSeeOnlyWhatTheDesignSays, "unknown.Feature"),
				rule("stores don't see each other", ArchitectureRules::storesDoNotSeeEachOther, "redis.SeesJdbc"),
				rule("packages are free of cycles", ArchitectureRules::packagesAreFreeOfCycles, "lease.SeesLock"),
				rule("packages are @NullMarked", ArchitectureRules::packagesAreNullMarked, "unknown.Feature"),
				rule("time isn't read statically: nanoTime", ArchitectureRules::timeIsNotReadStatically,
						"System.nanoTime()"),
				rule("time isn't read statically: currentTimeMillis", ArchitectureRules::timeIsNotReadStatically,
						"System.currentTimeMillis()"),
				rule("time isn't read statically: now", ArchitectureRules::timeIsNotReadStatically, "Instant.now()"),
				rule("methods are not synchronized", ArchitectureRules::methodsAreNotSynchronized,
						"SynchronizesMethod.waitForIt"),
				rule("auto-configurations are public", ArchitectureRules::autoConfigurationsArePublicAndFinal,
						"HiddenAutoConfiguration"),
				rule("auto-configurations are final", ArchitectureRules::autoConfigurationsArePublicAndFinal,
						"OpenAutoConfiguration"),
				rule("bean methods are package-private", ArchitectureRules::beanMethodsArePackagePrivate,
						"publicBean()"),
				rule("bean methods have no condition on classes",
						ArchitectureRules::beanMethodsHaveNoConditionOnClasses, "conditionalBean()"),
				rule("post-processors are static", ArchitectureRules::postProcessorsAreStatic, "postProcessor()"),
				rule("conditions are not public", ArchitectureRules::conditionsAreNotPublic, "PublicCondition"),
				rule("few types of auto-configuration are public",
						ArchitectureRules::fewTypesOfAutoConfigurationArePublic, "PublicHelper"));
	}

	private static Arguments rule(String name, Function<ArchitectureRules, ArchRule> rule, String plantedViolation) {
		return arguments(Named.of(name, rule), plantedViolation);
	}

}
