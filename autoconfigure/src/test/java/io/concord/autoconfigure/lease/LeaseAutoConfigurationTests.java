package io.concord.autoconfigure.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.InOrder;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseEngineClosedException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.inOrder;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.withSettings;

@ExtendWith(OutputCaptureExtension.class)
class LeaseAutoConfigurationTests {

	private static final LeaseRequest REQUEST = LeaseRequest.exclusive("demo", Duration.ZERO, Duration.ofSeconds(30));

	private final RecordingStoreFactory redis = new RecordingStoreFactory();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class))
		.withAllowBeanDefinitionOverriding(true);

	private final ApplicationContextRunner local = this.runner.withPropertyValues("concord.backend=local");

	private final ApplicationContextRunner recorded = this.runner
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
		.withBean(RedisStoreConfiguration.BEAN_NAME, StoreFactory.class, () -> this.redis);

	@Test
	void givesTheStoreItsTimeout() {
		this.local.run((context) -> assertThat(engine(context).minLeaseTime()).isEqualTo(Duration.ofSeconds(4)));
		this.local.withPropertyValues("concord.store-timeout=300ms")
			.run((context) -> assertThat(engine(context).minLeaseTime()).isEqualTo(Duration.ofMillis(600)));
	}

	@ParameterizedTest
	@CsvSource({ "store-timeout,0,0s,must be at least 1ms", "store-timeout,-2s,-2s,must be at least 1ms",
			"shutdown-timeout,-500ms,-500ms,must not be negative" })
	void refusesTimeoutThatCannotBe(String property, String value, String shown, String reason) {
		this.local.withPropertyValues("concord." + property + "=" + value)
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> engine(context))
				.withMessage("The property 'concord.%s' is '%s', but %s.", property, shown, reason)
				.satisfies((ex) -> assertThat(ex.getAction()).startsWith("Set it to")));
	}

	@Test
	void waitsForLeasesAtShutdownNoLongerThanConfigured() {
		CountDownLatch lost = new CountDownLatch(1);
		this.local.withPropertyValues("concord.shutdown-timeout=10ms").run((context) -> {
			Lease lease = engine(context).acquire(REQUEST).orElseThrow();
			lease.onLost((reason) -> lost.countDown());
			long begin = System.nanoTime();
			context.getSourceApplicationContext().close();
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
			assertThat(lease.isValid()).isFalse();
			assertThat(lost.await(10, TimeUnit.SECONDS)).isTrue();
		});
	}

	@Test
	void waitsForLeasesAtShutdown() {
		this.local.run((context) -> {
			Lease lease = engine(context).acquire(REQUEST).orElseThrow();
			ConfigurableApplicationContext closing = context.getSourceApplicationContext();
			LeaseEngine engine = engine(context);
			Thread closer = new Thread(closing::close);
			closer.start();
			while (isOpen(engine)) {
				Thread.onSpinWait();
			}
			assertThat(closer.isAlive()).isTrue();
			assertThat(lease.isValid()).isTrue();
			assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
			closer.join(TimeUnit.SECONDS.toMillis(10));
			assertThat(closer.isAlive()).isFalse();
		});
	}

	private static boolean isOpen(LeaseEngine engine) {
		try {
			engine.acquire(REQUEST);
			return true;
		}
		catch (LeaseEngineClosedException ex) {
			return false;
		}
	}

	@Test
	void stopsBetweenWhatUsesLeasesAndWhatStoresThem() {
		assertThat(StoreClients.PHASE).isLessThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE)
			.isLessThan(new ThreadPoolTaskScheduler().getPhase())
			.isLessThan(new ThreadPoolTaskExecutor().getPhase())
			.isGreaterThan(new LettuceConnectionFactory().getPhase());
	}

	@Test
	void closesEnginesBeforeTheirStoresAndStoresBeforeTheirClients() {
		List<String> seen = new ArrayList<>();
		this.recorded.run((context) -> {
			LeaseEngine engine = engine(context);
			LettuceConnectionFactory client = context.getBean(LettuceConnectionFactory.class);
			willAnswer((invocation) -> seen.add("engine " + (isOpen(engine) ? "open" : "closed") + ", client "
					+ (client.isRunning() ? "open" : "closed")))
				.given(this.redis.only().store())
				.close();
		});
		assertThat(seen).containsExactly("engine closed, client open");
	}

	@Test
	void closesStoresBeforeTheirClientsAlsoIfTheContextFailsToStart() throws Exception {
		RecordingStoreFactory jdbc = new RecordingStoreFactory();
		DataSource dataSource = mock(withSettings().extraInterfaces(AutoCloseable.class));
		this.runner
			.withBean("dataSource", DataSource.class, () -> dataSource, (definition) -> definition.setLazyInit(true))
			.withBean(JdbcStoreConfiguration.BEAN_NAME, StoreFactory.class, () -> jdbc)
			.withUserConfiguration(FailingConfiguration.class)
			.run((context) -> assertThat(context).hasFailed());
		InOrder order = inOrder(jdbc.only().store(), dataSource);
		order.verify(jdbc.only().store()).close();
		order.verify((AutoCloseable) dataSource).close();
	}

	@Test
	void opensAnewAfterRestart() {
		this.recorded.run((context) -> {
			ConfigurableApplicationContext source = context.getSourceApplicationContext();
			LeaseEngine first = engine(context);
			source.stop();
			assertThat(engine(context)).isSameAs(first);
			assertThatExceptionOfType(LeaseEngineClosedException.class).isThrownBy(() -> first.acquire(REQUEST));
			verify(this.redis.only().store()).close();
			source.start();
			assertThat(engine(context)).isNotSameAs(first);
			assertThat(this.redis.opened()).hasSize(2);
			verify(this.redis.opened().get(1).store(), never()).close();
		});
	}

	@Test
	void opensAnewAfterPause() {
		this.recorded.run((context) -> {
			LeaseEngine first = engine(context);
			context.getSourceApplicationContext().pause();
			assertThatExceptionOfType(LeaseEngineClosedException.class).isThrownBy(() -> first.acquire(REQUEST));
			context.getSourceApplicationContext().restart();
			assertThat(engine(context)).isNotSameAs(first);
		});
	}

	@Test
	void remembersLocalLeasesOverARestart() {
		this.local.withPropertyValues("concord.shutdown-timeout=0").run((context) -> {
			Lease lease = engine(context).acquire(REQUEST).orElseThrow();
			context.getSourceApplicationContext().stop();
			assertThat(lease.isValid()).isFalse();
			context.getSourceApplicationContext().start();
			assertThat(engine(context).acquire(REQUEST)).as("Lease of a body that may still run").isEmpty();
		});
	}

	@Test
	void opensNothingWhileStopped() {
		this.local.run((context) -> {
			context.getSourceApplicationContext().stop();
			assertThatExceptionOfType(LeaseEngineClosedException.class)
				.isThrownBy(() -> context.getBean(LeaseStores.class).engine("other", Backend.LOCAL))
				.withMessageContaining("'concord.other'");
		});
	}

	@Test
	void usesStoreOfTheUserForAllFeatures() {
		LocalLeaseStore store = new LocalLeaseStore();
		this.recorded.withBean("own", LeaseStore.class, () -> store)
			.withPropertyValues("concord.backend=redis")
			.run((context) -> {
				LeaseStores stores = context.getBean(LeaseStores.class);
				assertThat(stores.engine("demo", null).store()).isSameAs(store);
				assertThat(stores.engine("other", Backend.LOCAL)).isSameAs(stores.engine("demo", null));
				assertThat(stores.describe("demo", null))
					.isEqualTo("backend custom (bean 'own'), store memory of this JVM");
				assertThat(this.redis.opened()).isEmpty();
			});
	}

	@Test
	void leavesStoreOfTheUserOpenOverARestart() {
		LeaseStore store = mock();
		this.runner.withBean("own", LeaseStore.class, () -> store).run((context) -> {
			LeaseEngine first = engine(context);
			context.getSourceApplicationContext().stop();
			verify(store, never()).close();
			context.getSourceApplicationContext().start();
			assertThat(engine(context)).isNotSameAs(first);
		});
		verify(store).close();
	}

	@Test
	void refusesSeveralStoresOfTheUser() {
		this.runner.withBean("one", LeaseStore.class, () -> mock())
			.withBean("two", LeaseStore.class, () -> mock())
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> engine(context))
				.withMessage("The application defines several LeaseStore beans: 'one', 'two'.")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("@Primary", LeaseStores.class.getName())));
	}

	@Test
	void usesPrimaryStoreOfTheUser() {
		this.runner.withBean("one", LeaseStore.class, () -> mock())
			.withBean("two", LeaseStore.class, () -> mock(), (definition) -> definition.setPrimary(true))
			.run((context) -> assertThat(engine(context).store()).isSameAs(context.getBean("two")));
	}

	@Test
	void backsOffWhenUserDefinesStores() {
		LeaseStores stores = mock();
		this.runner.withBean(LeaseStores.class, () -> stores)
			.run((context) -> assertThat(context.getBean(LeaseStores.class)).isSameAs(stores));
	}

	@Test
	void takesNamespaceFromTheApplicationsName(CapturedOutput output) {
		this.recorded.withPropertyValues("spring.application.name=shop_1.2-X")
			.run((context) -> assertThat(namespace(engine(context))).isEqualTo("shop_1.2-X"));
		assertThat(output).doesNotContain("'concord.namespace'");
	}

	@Test
	void takesNamespaceFromItsProperty() {
		this.recorded.withPropertyValues("spring.application.name=shop", "concord.namespace=stock")
			.run((context) -> assertThat(namespace(engine(context))).isEqualTo("stock"));
	}

	@Test
	void warnsIfThereIsNoName(CapturedOutput output) {
		this.recorded.run((context) -> assertThat(namespace(engine(context))).isEqualTo("application"));
		assertThat(output).containsOnlyOnce("Neither 'concord.namespace' nor 'spring.application.name' is set");
	}

	@Test
	void doesNotWarnIfNoNamespaceIsNeeded(CapturedOutput output) {
		this.local.run((context) -> engine(context));
		assertThat(output).doesNotContain("'concord.namespace'");
	}

	@ParameterizedTest
	@CsvSource({ "my shop,my-shop-[0-9a-f]{8}", "my/shop,my-shop-[0-9a-f]{8}", "Läden,L-den-[0-9a-f]{8}" })
	void makesNamespaceOfAnyName(String name, String expected) {
		this.recorded.withPropertyValues("spring.application.name=" + name)
			.run((context) -> assertThat(namespace(engine(context))).matches(expected));
	}

	@Test
	void keepsNamesApart() {
		String longName = "x".repeat(100);
		this.recorded.withPropertyValues("spring.application.name=my shop").run((context) -> engine(context));
		this.recorded.withPropertyValues("spring.application.name=my/shop").run((context) -> engine(context));
		this.recorded.withPropertyValues("spring.application.name=" + longName).run((context) -> engine(context));
		this.recorded.withPropertyValues("spring.application.name=" + longName + "y").run((context) -> engine(context));
		assertThat(this.redis.opened()).extracting(RecordingStoreFactory.Opened::namespace)
			.hasSize(4)
			.doesNotHaveDuplicates()
			.allSatisfy((namespace) -> assertThat(namespace).hasSizeLessThanOrEqualTo(64));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "my shop", "shop/1", "", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" })
	void refusesBadNamespace(String namespace) {
		this.recorded.withPropertyValues("concord.namespace=" + namespace)
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> engine(context))
				.withMessage("The property 'concord.namespace' is '%s', which can't name a place in a store.",
						namespace)
				.satisfies((ex) -> assertThat(ex.getAction()).contains("1 to 64", "'shop'")));
	}

	@Test
	void hintsAtScriptsForNativeImages() {
		RuntimeHints hints = new RuntimeHints();
		new LeaseRuntimeHints().registerHints(hints, getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.resource().forResource("io/concord/lease/redis/claim.lua")).accepts(hints);
		assertThat(RuntimeHintsPredicates.resource().forResource("io/concord/lease/jdbc/schema-h2.sql")).accepts(hints);
	}

	@Configuration(proxyBeanMethods = false)
	static class FailingConfiguration {

		@Bean
		Object failing(LeaseStores stores) {
			stores.engine("demo", null);
			throw new IllegalStateException("planted");
		}

	}

	private String namespace(LeaseEngine engine) {
		assertThat(engine.store()).isSameAs(this.redis.only().store());
		return this.redis.only().namespace();
	}

	private static LeaseEngine engine(ConfigurableApplicationContext context) {
		return context.getBean(LeaseStores.class).engine("demo", null);
	}

}
