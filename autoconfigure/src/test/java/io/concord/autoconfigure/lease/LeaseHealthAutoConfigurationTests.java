package io.concord.autoconfigure.lease;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import io.concord.autoconfigure.UnreachableStore;
import io.concord.autoconfigure.lock.LockAutoConfiguration;

import static org.assertj.core.api.Assertions.assertThat;

class LeaseHealthAutoConfigurationTests {

	private static final String BEAN = "concordStoresHealthIndicator";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class,
				LeaseHealthAutoConfiguration.class))
		.withPropertyValues("concord.backend=local");

	@Test
	void isUpIfTheStoreAnswers() {
		this.runner.run((context) -> {
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails().get("stores")).asInstanceOf(InstanceOfAssertFactories.MAP)
				.containsOnlyKeys("memory of this JVM")
				.extractingByKey("memory of this JVM", InstanceOfAssertFactories.MAP)
				.containsEntry("status", "UP")
				.containsKey("latencyMillis");
		});
	}

	@Test
	void isDownIfTheStoreFails() {
		this.runner.withBean(UnreachableStore.class).run((context) -> {
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.DOWN);
			assertThat(health.getDetails()).containsEntry("stores",
					Map.of("unreachable (nowhere)", Map.of("status", "DOWN", "error", "told to fail")));
		});
	}

	@Test
	void opensNoStoreByItself() {
		this.runner.withPropertyValues("concord.lock.enabled=false").run((context) -> {
			Health health = health(context);
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).containsEntry("stores", Map.of());
		});
	}

	@Test
	void asksTheStoreOnceForProbesWithinAMoment() {
		this.runner.withBean(UnreachableStore.class).run((context) -> {
			AtomicLong nanos = new AtomicLong();
			UnreachableStore store = context.getBean(UnreachableStore.class);
			LeaseStoresHealthIndicator health = new LeaseStoresHealthIndicator(context.getBean(LeaseStores.class),
					nanos::get);
			assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
			store.failing = false;
			nanos.addAndGet(LeaseStoresHealthIndicator.KEPT.toNanos());
			assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
			assertThat(store.refreshes).hasValue(1);
			nanos.incrementAndGet();
			assertThat(health.health().getStatus()).isEqualTo(Status.UP);
			assertThat(store.refreshes).hasValue(2);
		});
	}

	@Test
	void isOffIfSwitchedOff() {
		this.runner.withPropertyValues("management.health.concord.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BEAN));
		this.runner.withPropertyValues("management.health.defaults.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BEAN));
	}

	@Test
	void isOffWithoutHealthLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BEAN));
	}

	@Test
	void isOffWithoutLeaseLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.concord.lease"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BEAN));
	}

	@Test
	void backsOffWhenUserDefinesIndicator() {
		this.runner.withBean(BEAN, HealthIndicator.class, () -> () -> Health.unknown().build())
			.run((context) -> assertThat(health(context).getStatus()).isEqualTo(Status.UNKNOWN));
	}

	private static Health health(ApplicationContext context) {
		return Objects.requireNonNull(context.getBean(BEAN, HealthIndicator.class).health());
	}

}
