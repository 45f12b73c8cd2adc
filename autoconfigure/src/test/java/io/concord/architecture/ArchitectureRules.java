package io.concord.architecture;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

/**
 * The rules of the design that a compiler doesn't check.
 *
 * @param root the root package, so that the rules can be tried on planted violations
 */
record ArchitectureRules(String root) {

	/**
	 * What a feature of core may see beside itself and the root package. A new feature
	 * gets its line here.
	 */
	private static final Map<String, Set<String>> MAY_SEE = Map.of("invocation", Set.of(), "hashing", Set.of(), "lease",
			Set.of("invocation"), "lock", Set.of("invocation", "lease"), "election", Set.of("invocation", "lease"),
			"idgen", Set.of("invocation", "lease"), "ratelimit", Set.of("invocation", "lease"), "loadbalancer",
			Set.of("hashing", "lease"), "sharding", Set.of("invocation", "hashing"), "testing",
			Set.of("lease", "lock", "idgen"));

	/** What users may replace, and what the features share. */
	private static final Set<String> MAY_BE_PUBLIC = Set.of("LeaseStores", "StoreClients", "LeaseSchema",
			"WaitReplicas", "EndpointFeature");

	private static final Set<String> CLOCK_READS = Set.of(System.class.getName() + ".nanoTime",
			System.class.getName() + ".currentTimeMillis");

	private static final Set<String> CLOCK_TYPES = Set.of(Instant.class.getName(), LocalDate.class.getName(),
			LocalTime.class.getName(), LocalDateTime.class.getName(), OffsetDateTime.class.getName(),
			ZonedDateTime.class.getName());

	/** Declares its default as a call, as it has to convert the unit. */
	private static final String MAY_READ_WALL_CLOCK = "io.concord.lease.local.LocalLeaseStore";

	/**
	 * Bound the real time that a thread waits or sleeps, which no other clock could stand
	 * for. A new one gets its line here.
	 */
	private static final Set<String> MAY_READ_NANO_TIME = Set.of("io.concord.lease.BoundedCalls",
			"io.concord.lease.LeaseTimer", "io.concord.lease.guard.FencingGuard", "io.concord.lease.jdbc.JdbcCalls",
			"io.concord.lease.jdbc.Statements", "io.concord.lease.redis.LettuceScriptCalls",
			"io.concord.lease.redis.RedisLeaseStore", "io.concord.lease.redis.ReplicatedScriptCalls");

	ArchRule coreDoesNotSeeSpringBoot() {
		return noClasses().that(areInCore())
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework.boot..")
			.because("core/* has to work without Spring Boot");
	}

	ArchRule coreDoesNotSeeAutoConfiguration() {
		return noClasses().that(areInCore())
			.should()
			.dependOnClassesThat()
			.resideInAPackage(this.root + ".autoconfigure..");
	}

	ArchRule featuresSeeOnlyWhatTheDesignSays() {
		return classes().that(areInCore()).should(new ArchCondition<>("see only features they stand on") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				String feature = featureOf(type);
				if (!feature.isEmpty() && !MAY_SEE.containsKey(feature)) {
					events.add(SimpleConditionEvent.violated(type, type.getName()
							+ " is in a feature that has no line in ArchitectureRules.MAY_SEE: " + feature));
				}
				for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
					JavaClass target = dependency.getTargetClass();
					String other = featureOf(target);
					if (isInRoot(target) && !other.isEmpty() && !other.equals(feature)
							&& !MAY_SEE.getOrDefault(feature, Set.of()).contains(other)) {
						events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
					}
				}
			}

		});
	}

	ArchRule storesDoNotSeeEachOther() {
		return SlicesRuleDefinition.slices()
			.matching(this.root + ".[lease|idgen|sharding].(*)..")
			.should()
			.notDependOnEachOther();
	}

	ArchRule packagesAreFreeOfCycles() {
		return SlicesRuleDefinition.slices().matching("(**)").should().beFreeOfCycles();
	}

	ArchRule packagesAreNullMarked() {
		return classes().should(new ArchCondition<>("be in a @NullMarked package") {

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
					events.add(SimpleConditionEvent.violated(type,
							"The package of " + type.getName() + " is not @NullMarked in its package-info"));
				}
			}

		});
	}

	/**
	 * A method reference is how the default of an injected clock is declared; a call is
	 * what can't be replaced in a test.
	 */
	ArchRule timeIsNotReadStatically() {
		return noClasses().should().callMethodWhere(new DescribedPredicate<JavaCall<?>>("it reads a static clock") {

			@Override
			public boolean test(JavaCall<?> call) {
				String origin = call.getOriginOwner().getName();
				String owner = call.getTargetOwner().getName();
				String method = call.getTarget().getName();
				if (MAY_READ_WALL_CLOCK.equals(origin)
						|| (MAY_READ_NANO_TIME.contains(origin) && method.equals("nanoTime"))) {
					return false;
				}
				boolean withoutClock = call.getTarget()
					.getRawParameterTypes()
					.stream()
					.noneMatch((type) -> type.isEquivalentTo(Clock.class));
				return CLOCK_READS.contains(owner + "." + method)
						|| (CLOCK_TYPES.contains(owner) && method.equals("now") && withoutClock);
			}

		}).because("clocks and tickers are injected; a default is declared as a method reference");
	}

	ArchRule methodsAreNotSynchronized() {
		return noMethods().should()
			.haveModifier(JavaModifier.SYNCHRONIZED)
			.because("what waits under a monitor pins virtual threads and can't be interrupted: use a ReentrantLock");
	}

	ArchRule autoConfigurationsArePublicAndFinal() {
		return classes().that()
			.areAnnotatedWith(AutoConfiguration.class)
			.should()
			.bePublic()
			.andShould()
			.haveModifier(JavaModifier.FINAL)
			.andShould()
			.haveSimpleNameEndingWith("AutoConfiguration");
	}

	ArchRule beanMethodsArePackagePrivate() {
		return methods().that()
			.areAnnotatedWith(Bean.class)
			.should()
			.notBePublic()
			.andShould()
			.notBeProtected()
			.andShould()
			.notBePrivate();
	}

	ArchRule beanMethodsHaveNoConditionOnClasses() {
		return noMethods().that()
			.areAnnotatedWith(Bean.class)
			.should()
			.beAnnotatedWith(ConditionalOnClass.class)
			.because("the signature of the method is loaded before the condition is looked at");
	}

	ArchRule postProcessorsAreStatic() {
		return methods().that()
			.areAnnotatedWith(Bean.class)
			.and(new DescribedPredicate<JavaMethod>("create a post-processor") {

				@Override
				public boolean test(JavaMethod method) {
					return Stream.of(BeanPostProcessor.class, BeanFactoryPostProcessor.class)
						.anyMatch(method.getRawReturnType()::isAssignableTo);
				}

			})
			.should()
			.beStatic()
			.because("it would initialize its configuration class too early");
	}

	ArchRule conditionsAreNotPublic() {
		return classes().that().areAssignableTo(Condition.class).should().notBePublic().allowEmptyShould(true);
	}

	/**
	 * Everything else is free to change.
	 */
	ArchRule fewTypesOfAutoConfigurationArePublic() {
		return classes().that()
			.resideInAPackage(this.root + ".autoconfigure..")
			.and()
			.arePublic()
			.and()
			.areTopLevelClasses()
			.should(new ArchCondition<>(
					"be auto-configurations, properties, annotations, enums, exceptions or one of " + MAY_BE_PUBLIC) {

				@Override
				public void check(JavaClass type, ConditionEvents events) {
					if (!type.isAnnotatedWith(AutoConfiguration.class)
							&& !type.isAnnotatedWith(ConfigurationProperties.class) && !type.isAnnotation()
							&& !type.isEnum() && !type.isAssignableTo(RuntimeException.class)
							&& !MAY_BE_PUBLIC.contains(type.getSimpleName())) {
						events.add(SimpleConditionEvent.violated(type, type.getName() + " is public"));
					}
				}

			});
	}

	private DescribedPredicate<JavaClass> areInCore() {
		return DescribedPredicate.describe("are in core",
				(type) -> isInRoot(type) && !featureOf(type).equals("autoconfigure"));
	}

	private boolean isInRoot(JavaClass type) {
		return type.getPackageName().equals(this.root) || type.getPackageName().startsWith(this.root + ".");
	}

	/** The first part of the package name below the root, empty for the root itself. */
	private String featureOf(JavaClass type) {
		String name = type.getPackageName();
		if (!name.startsWith(this.root + ".")) {
			return "";
		}
		String below = name.substring(this.root.length() + 1);
		int dot = below.indexOf('.');
		return (dot < 0) ? below : below.substring(0, dot);
	}

}
