package io.concord.autoconfigure.idgen;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.actuate.FeatureUnavailableException;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.idgen.FailingWorkerIdStore;
import io.concord.idgen.IdGeneratorObserver;
import io.concord.idgen.IdGeneratorStatus;
import io.concord.idgen.IdRange;
import io.concord.idgen.IdsUnavailableException;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.local.LocalWorkerIdStore;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The endpoint, the health and the meters of ids.
 */
class IdObservationAutoConfigurationTests {

	private static final String HEALTH = "concordIdsHealthIndicator";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, IdgenAutoConfiguration.class,
				IdEndpointAutoConfiguration.class, IdHealthAutoConfiguration.class, IdMetricsAutoConfiguration.class))
		.withBean(MeterRegistry.class, SimpleMeterRegistry::new)
		.withPropertyValues("concord.backend=local", "concord.idgen.generators.orders.type=snowflake",
				"concord.idgen.generators.numbers.type=segment");

	@Test
	void endpointShowsGeneratorsAndHolders() {
		this.runner.run((context) -> {
			EndpointFeature feature = context.getBean(EndpointFeature.class);
			assertThat(feature.selector()).isEqualTo("ids");
			assertThat(feature.here(false)).isInstanceOfSatisfying(IdEndpointFeature.Here.class,
					(here) -> assertThat(here.generators()).extracting(IdGeneratorStatus::name)
						.containsExactly("numbers", "orders"));
			assertThat(feature.anywhere("orders")).isInstanceOfSatisfying(IdEndpointFeature.Anywhere.class,
					(anywhere) -> assertThat(anywhere.holders()).singleElement()
						.satisfies((holder) -> assertThat(holder.workerId()).isZero()));
			assertThat(feature.anywhere("numbers")).isNull();
			assertThat(feature.anywhere("default")).isNull();
			assertThat(feature.release("orders")).isNull();
			assertThatIllegalArgumentException().isThrownBy(() -> feature.anywhere("ordres"))
				.withMessageContaining("'ordres'");
		});
	}

	@Test
	void endpointSaysThatTheStoreIsDown() {
		this.runner.withBean(FailingWorkerIdStore.class, () -> new FailingWorkerIdStore(new LocalWorkerIdStore()))
			.run((context) -> {
				context.getBean(FailingWorkerIdStore.class).fail(true);
				assertThatExceptionOfType(FeatureUnavailableException.class)
					.isThrownBy(() -> context.getBean(EndpointFeature.class).anywhere("orders"))
					.withMessageContaining("down");
			});
	}

	@Test
	void registersHintsForWhatIsWrittenAsJson() {
		RuntimeHints hints = new RuntimeHints();
		new IdEndpointAutoConfiguration.Hints().registerHints(hints, null);
		assertThat(RuntimeHintsPredicates.reflection().onType(IdGeneratorStatus.Worker.class)).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection().onType(IdEndpointFeature.Anywhere.class)).accepts(hints);
	}

	@Test
	void healthTellsWhenTheLayoutRunsOut() {
		this.runner.run((context) -> {
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails().get("orders")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsEntry("status", "UP")
				.containsEntry("type", "snowflake")
				.containsEntry("workerId", 0)
				.containsEntry("runsOut", "2094-09-07T15:47:35.552Z")
				.containsKey("leadMillis");
		});
	}

	@Test
	void healthIsDownWhenThereAreNoNumbers() {
		this.runner.withBean(FailingSegments.class)
			.withPropertyValues("concord.idgen.generators.numbers.max-wait=50ms")
			.run((context) -> {
				assertThatExceptionOfType(IdsUnavailableException.class)
					.isThrownBy(() -> context.getBean(LongIdGenerators.class).get("numbers").next());
				Health health = health(context);
				assertThat(health.getStatus()).isEqualTo(Status.DOWN);
				assertThat(health.getDetails().get("numbers")).asInstanceOf(InstanceOfAssertFactories.MAP)
					.containsEntry("status", "DOWN")
					.containsEntry("problem", "The store is down");
				assertThat(health.getDetails().get("orders")).asInstanceOf(InstanceOfAssertFactories.MAP)
					.containsEntry("status", "UP");
			});
	}

	@Test
	void metersTellWhatIsIssuedAndLeft() {
		this.runner.run((context) -> {
			SimpleMeterRegistry registry = (SimpleMeterRegistry) context.getBean(MeterRegistry.class);
			context.getBean(IdGeneratorMeters.class).bindTo(registry);
			LongIdGenerators generators = context.getBean(LongIdGenerators.class);
			generators.get("orders").next(new long[20]);
			generators.get("numbers").next(new long[20]);
			generators.get("numbers").next();
			assertThat(registry.get("concord.idgen.issued").tag("name", "numbers").functionCounter().count())
				.isGreaterThanOrEqualTo(20);
			assertThat(registry.get("concord.idgen.lease.remaining").tag("name", "orders").gauge().value())
				.isBetween(0.0, 10.0);
			assertThat(registry.get("concord.idgen.lease.remaining").tag("name", "numbers").gauge().value()).isNaN();
			assertThat(registry.get("concord.idgen.segment.remaining").tag("name", "numbers").gauge().value())
				.isPositive();
			assertThat(registry.get("concord.idgen.issued").tag("name", "default").functionCounter().count()).isZero();
			assertThat(registry.get("concord.idgen.fetch").tags("name", "orders", "outcome", "success").timer().count())
				.isPositive();
			IdGeneratorObserver observer = context.getBean(IdGeneratorObserver.class);
			observer.clockStepped("orders", 100);
			observer.waited("orders", 1_000_000, false);
			assertThat(registry.get("concord.idgen.clock.steps").tag("name", "orders").counter().count()).isOne();
			assertThat(registry.get("concord.idgen.wait").tags("name", "orders", "outcome", "failure").timer().count())
				.isOne();
		});
	}

	@Test
	void backsOff() {
		this.runner.withPropertyValues("management.health.concord.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HEALTH));
		this.runner.withPropertyValues("concord.idgen.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HEALTH).doesNotHaveBean(EndpointFeature.class));
		this.runner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HEALTH));
		this.runner.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).doesNotHaveBean("concordIdGeneratorObserver"));
		this.runner.withBean(IdGeneratorObserver.class, () -> IdGeneratorObserver.NONE)
			.run((context) -> assertThat(context).doesNotHaveBean("concordIdGeneratorObserver"));
	}

	private static Health health(ApplicationContext context) {
		return Objects.requireNonNull(context.getBean(HEALTH, HealthIndicator.class).health());
	}

	static class FailingSegments implements SegmentStore {

		@Override
		public String describe() {
			return "failing";
		}

		@Override
		public IdRange next(String name, long size, long least, Duration timeout) {
			throw new LeaseStoreException("The store is down");
		}

		@Override
		public void close() {
		}

	}

}
