package io.concord.autoconfigure.ratelimit;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.actuate.ConcordEndpointAutoConfiguration;
import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.ratelimit.DefaultRateLimits;
import io.concord.ratelimit.RateDecision;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateLimited;
import io.concord.ratelimit.RateLimitedException;
import io.concord.ratelimit.RateLimits;
import io.concord.ratelimit.RateRule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

class RateLimitAutoConfigurationTests {

	private static final String CHECKOUT = "concord.ratelimit.rules.checkout.";

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, RateLimitAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.unconfigured.withPropertyValues("concord.backend=local");

	@Test
	void limitsMethodsByRules() {
		this.runner.withPropertyValues(CHECKOUT + "rate=1/h").withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).buy("ann");
			context.getBean(Shop.class).buy("bob");
			assertThatExceptionOfType(RateLimitedException.class)
				.isThrownBy(() -> context.getBean(Shop.class).buy("ann"));
			assertThat(context.getBean(RateLimits.class).peek("checkout", "bob").isAdmitted()).isFalse();
		});
	}

	@Test
	void readsAllOfARule() {
		this.runner
			.withPropertyValues(CHECKOUT + "rate=10/s,1000/h", CHECKOUT + "burst=20", CHECKOUT + "max-wait=2s",
					CHECKOUT + "on-failure=share", CHECKOUT + "shadow=true", CHECKOUT + "over-admission=2.5 %",
					"concord.ratelimit.rules.warm.rate[0]=10/s", "concord.ratelimit.rules.warm.warm-up=5s",
					"concord.ratelimit.rules.reports.algorithm=concurrency", "concord.ratelimit.rules.reports.limit=3")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				RateRule rule = limits.rule("checkout").orElseThrow();
				assertThat(rule).isEqualTo(RateRule.builder("checkout")
					.rate("10/s")
					.rate("1000/h")
					.burst(20)
					.maxWait(Duration.ofSeconds(2))
					.onFailure(RateRule.OnFailure.SHARE)
					.shadow(true)
					.overAdmission(0.025)
					.build());
				assertThat(limits.rule("warm").orElseThrow().warmUp()).hasSeconds(5);
				assertThat(limits.rule("reports").orElseThrow().limit()).isEqualTo(3);
				try (RateDecision decision = limits.tryAcquire("reports", "k")) {
					assertThat(decision.isAdmitted()).isTrue();
				}
			});
	}

	@Test
	void needsNoStoreWithoutRules() {
		this.unconfigured.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(RateLimits.class));
	}

	@Test
	void asksForABackendAtStart() {
		this.unconfigured.withPropertyValues(CHECKOUT + "rate=1/s", "spring.main.lazy-initialization=true")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.ratelimit' needs a store"));
	}

	@ParameterizedTest
	@CsvSource({ "rate,0/s", "rate,-1/s", "rate,10/fortnight", "burst,0", "burst,-3", "over-admission,5",
			"over-admission,200%", "limit,4", "max-wait,-1s", "warm-up,1d" })
	void namesThePropertyThatIsWrong(String property, String value) {
		this.runner.withPropertyValues(CHECKOUT + "rate=1/s", CHECKOUT + property + "=" + value).run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("'concord.ratelimit.rules.checkout." + property + "'");
			assertThat(failure.getAction()).isNotEmpty();
		});
	}

	@ParameterizedTest
	@CsvSource({ "store-timeout,0s", "store-timeout,6s", "lease-time,0s", "max-local-keys,0", "top-refused,-1",
			"top-refused,1001" })
	void namesTheSettingThatIsWrong(String property, String value) {
		this.runner.withPropertyValues("concord.ratelimit." + property + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidConcordConfigurationException.class)
				.hasMessageContaining("'concord.ratelimit." + property + "'"));
	}

	@Test
	void refusesAnUnknownRuleAtStart() {
		this.runner.withBean(Shop.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidAnnotationException.class)
				.hasMessageContaining("'checkout', which does not exist"));
	}

	@Test
	void switchedOffThereAreNoLimits() {
		this.runner.withPropertyValues("concord.ratelimit.enabled=false").withBean(Shop.class).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(RateLimits.class);
			context.getBean(Shop.class).buy("ann");
		});
	}

	@Test
	void backsOffWhenUserDefinesLimits() {
		RateLimits own = mock(RateLimits.class);
		this.runner.withBean(RateLimits.class, () -> own)
			.run((context) -> assertThat(context.getBean(RateLimits.class)).isSameAs(own));
	}

	@Test
	void usesTheStoreOfTheApplication() {
		RateLimitStore own = mock(RateLimitStore.class);
		given(own.supports(any())).willReturn(true);
		this.unconfigured.withPropertyValues(CHECKOUT + "rate=1/h")
			.withBean(RateLimitStore.class, () -> own)
			.run((context) -> assertThat(context.getBean(RateLimitStores.class).rates()).isSameAs(own));
	}

	@Test
	void countsInADatabase() {
		this.unconfigured.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=1/h", "concord.backend=jdbc", "concord.namespace=shop",
					"spring.datasource.url=jdbc:h2:mem:ratelimit;DB_CLOSE_DELAY=-1", "concord.jdbc.table-prefix=shop_",
					"concord.ratelimit.store-timeout=5s")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				assertThat(limits.tryAcquire("checkout", "ann").isAdmitted()).isTrue();
				assertThat(limits.tryAcquire("checkout", "ann").isAdmitted()).isFalse();
				assertThat(context.getBean(RateLimitStores.class).rates().kind()).isEqualTo("jdbc");
			});
	}

	@Test
	void rulesChangeWithTheEnvironment() {
		this.runner.withPropertyValues(CHECKOUT + "rate=1/h").run((context) -> {
			DefaultRateLimits limits = context.getBean(DefaultRateLimits.class);
			assertThat(limits.tryAcquire("checkout", "k").isAdmitted()).isTrue();
			assertThat(limits.tryAcquire("checkout", "k").isAdmitted()).isFalse();
			change(context.getEnvironment(), "3/h");
			context.publishEvent(new EnvironmentChangeEvent(Set.of(CHECKOUT + "rate")));
			assertThat(limits.tryAcquire("checkout", "k").remaining()).isEqualTo(1);
			change(context.getEnvironment(), "10/fortnight");
			context.publishEvent(new EnvironmentChangeEvent(Set.of(CHECKOUT + "rate")));
			assertThat(limits.rule("checkout").orElseThrow()).hasToString("checkout (token-bucket [3/h])");
		});
	}

	@Test
	void showsRulesAndResetsKeys() {
		this.runner
			.withConfiguration(AutoConfigurations.of(ConcordEndpointAutoConfiguration.class,
					RateLimitEndpointAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=1/h")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				limits.tryAcquire("checkout", "a/b");
				limits.tryAcquire("checkout", "a/b");
				EndpointFeature feature = context.getBean(EndpointFeature.class);
				assertThat(feature.selector()).isEqualTo("ratelimits");
				assertThat(feature.here(true)).hasToString("Here[rules=[Rule[name=checkout, algorithm=TOKEN_BUCKET, "
						+ "rates=[1/h], burst=1, limit=0, onFailure=CLOSED, shadow=false, "
						+ "calls=RateLimitStatistics[admitted=1, refused=1, shadowed=0, unchecked=0, failed=0, "
						+ "alone=0, ahead=0, asked=0, overshoot=0, held=0], topRefused=[]]]]");
				assertThat(feature.anywhere("checkout/a/b")).asString().contains("admitted=false, remaining=0");
				assertThat(feature.anywhere("checkout/other")).asString().contains("admitted=true, remaining=1");
				assertThat(feature.release("checkout/a/b")).hasToString("Reset[rule=checkout, key=a/b]");
				assertThat(limits.tryAcquire("checkout", "a/b").isAdmitted()).isTrue();
				assertThatIllegalArgumentException().isThrownBy(() -> feature.anywhere("nowhere"))
					.withMessageContaining("'nowhere'");
			});
	}

	@Test
	void showsKeysThatAreRefusedMostIfToldSo() {
		this.runner
			.withConfiguration(AutoConfigurations.of(ConcordEndpointAutoConfiguration.class,
					RateLimitEndpointAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=1/h", "concord.ratelimit.top-refused=1")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				for (int i = 0; i < 3; i++) {
					limits.tryAcquire("checkout", "ann");
				}
				EndpointFeature feature = context.getBean(EndpointFeature.class);
				assertThat(feature.here(true)).asString().contains("topRefused=[RefusedKey[key=ann, count=2, over=0]]");
				assertThat(feature.here(false)).asString().contains("topRefused=[]");
			});
	}

	@Test
	void rulesChangeThroughTheActuatorAndKeepTheirState() {
		this.runner
			.withConfiguration(AutoConfigurations.of(ConcordEndpointAutoConfiguration.class,
					RateLimitEndpointAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=10/h", CHECKOUT + "burst=5", CHECKOUT + "over-admission=2.5%")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				limits.tryAcquire("checkout", "ann", 4);
				EndpointFeature feature = context.getBean(EndpointFeature.class);
				assertThat(feature.change("checkout", "rate=20/h,500/d; burst=6")).asString()
					.contains("rates=[20/h, 500/d], burst=6");
				assertThat(limits.rule("checkout")).contains(
						RateRule.builder("checkout").rate("20/h").rate("500/d").burst(6).overAdmission(0.025).build());
				assertThat(limits.peek("checkout", "ann").remaining()).isEqualTo(2);
				feature.change("checkout", "shadow = true");
				assertThat(limits.rule("checkout").orElseThrow().shadow()).isTrue();
			});
	}

	@ParameterizedTest
	@CsvSource({ "checkout,rate=10/fortnight,10/fortnight", "checkout,burst=0,burst", "checkout,bursts=3,bursts=3",
			"checkout,faster,faster", "checkout,b?rst=3,b?rst", "checkout,algorithm=concurrency,limit",
			"nowhere,burst=3,nowhere" })
	void refusesChangesThatCannotBe(String rule, String values, String named) {
		this.runner
			.withConfiguration(AutoConfigurations.of(ConcordEndpointAutoConfiguration.class,
					RateLimitEndpointAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=10/h")
			.run((context) -> {
				assertThatIllegalArgumentException()
					.isThrownBy(() -> context.getBean(EndpointFeature.class).change(rule, values))
					.withMessageContaining(named);
				assertThat(context.getBean(RateLimits.class).rule("checkout").orElseThrow())
					.hasToString("checkout (token-bucket [10/h])");
			});
	}

	@Test
	void resilience4jLimitsIfItIsChosen() {
		this.runner
			.withPropertyValues("concord.ratelimit.local-limiter=resilience4j", CHECKOUT + "rate=1/h",
					CHECKOUT + "algorithm=fixed-window", "concord.ratelimit.rules.reports.algorithm=concurrency",
					"concord.ratelimit.rules.reports.limit=1")
			.run((context) -> {
				RateLimits limits = context.getBean(RateLimits.class);
				assertThat(context.getBean(RateLimitStores.class).rates().kind()).isEqualTo("resilience4j");
				assertThat(limits.tryAcquire("checkout", "ann").isAdmitted()).isTrue();
				assertThat(limits.tryAcquire("checkout", "ann").isAdmitted()).isFalse();
				try (RateDecision decision = limits.tryAcquire("reports", "")) {
					assertThat(decision.isAdmitted()).isTrue();
					assertThat(limits.tryAcquire("reports", "").isAdmitted()).isFalse();
				}
				assertThat(limits.tryAcquire("reports", "").isAdmitted()).isTrue();
			});
	}

	@Test
	void resilience4jSaysAtStartWhatItCannotDo() {
		ApplicationContextRunner chosen = this.runner
			.withPropertyValues("concord.ratelimit.local-limiter=resilience4j");
		chosen.withPropertyValues(CHECKOUT + "rate=1/h")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining("checkout (token-bucket"));
		chosen.withPropertyValues(CHECKOUT + "algorithm=concurrency", CHECKOUT + "limit=1", CHECKOUT + "max-wait=1s")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.ratelimit.rules.checkout.max-wait'"));
		chosen.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=1/h", CHECKOUT + "algorithm=fixed-window", "concord.backend=jdbc",
					"spring.datasource.url=jdbc:h2:mem:chosen")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.ratelimit.local-limiter'"));
		chosen.withClassLoader(new FilteredClassLoader(Bulkhead.class))
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("'concord.ratelimit.local-limiter'"));
	}

	@Test
	void rulesAreInTheRegistriesOfResilience4j() {
		this.runner.withConfiguration(AutoConfigurations.of(RateLimitResilience4jAutoConfiguration.class))
			.withBean(RateLimiterRegistry.class, RateLimiterRegistry::ofDefaults)
			.withBean(BulkheadRegistry.class, BulkheadRegistry::ofDefaults)
			.withPropertyValues(CHECKOUT + "rate=1/h", "concord.ratelimit.rules.reports.algorithm=concurrency",
					"concord.ratelimit.rules.reports.limit=1")
			.run((context) -> {
				RateLimiter limiter = context.getBean(RateLimiterRegistry.class).rateLimiter("checkout");
				assertThat(limiter.acquirePermission()).isTrue();
				assertThat(context.getBean(RateLimits.class).tryAcquire("checkout", "").isAdmitted()).isFalse();
				assertThat(context.getBean(BulkheadRegistry.class).bulkhead("reports").getMetrics())
					.extracting(Bulkhead.Metrics::getMaxAllowedConcurrentCalls)
					.isEqualTo(1);
			});
		this.runner.withConfiguration(AutoConfigurations.of(RateLimitResilience4jAutoConfiguration.class))
			.withPropertyValues(CHECKOUT + "rate=1/h")
			.run((context) -> assertThat(context).hasNotFailed());
		this.runner.withConfiguration(AutoConfigurations.of(RateLimitResilience4jAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader(RateLimiterRegistry.class, BulkheadRegistry.class))
			.withPropertyValues(CHECKOUT + "rate=1/h")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void metersCallsByOutcome() {
		this.runner.withConfiguration(AutoConfigurations.of(RateLimitMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.withPropertyValues(CHECKOUT + "rate=1/h")
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				context.getBean("concordRateLimitMeters", MeterBinder.class).bindTo(registry);
				for (int i = 0; i < 3; i++) {
					context.getBean(RateLimits.class).tryAcquire("checkout", "k");
				}
				assertThat(calls(registry, "admitted")).isEqualTo(1);
				assertThat(calls(registry, "refused")).isEqualTo(2);
				assertThat(registry.get("concord.ratelimit.store.calls").functionCounter().count()).isZero();
				assertThat(registry.get("concord.ratelimit.ahead").functionCounter().count()).isZero();
				assertThat(registry.get("concord.ratelimit.overshoot").gauge().value()).isZero();
			});
	}

	private static double calls(MeterRegistry registry, String outcome) {
		return registry.get("concord.ratelimit.calls")
			.tags("name", "checkout", "outcome", outcome)
			.functionCounter()
			.count();
	}

	@Test
	void sharedLimitDoesNotHoldTheShutdownUp() {
		long start = System.nanoTime();
		this.runner
			.withPropertyValues(CHECKOUT + "rate=1/h", CHECKOUT + "on-failure=share", "concord.shutdown-timeout=60s",
					"spring.lifecycle.timeout-per-shutdown-phase=60s")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(30).toNanos());
	}

	private static void change(ConfigurableEnvironment environment, String rate) {
		environment.getPropertySources().remove("changed");
		environment.getPropertySources().addFirst(new MapPropertySource("changed", Map.of(CHECKOUT + "rate", rate)));
	}

	static class Shop {

		@RateLimited(rule = "checkout", key = "#p0")
		public void buy(String customer) {
		}

	}

}
