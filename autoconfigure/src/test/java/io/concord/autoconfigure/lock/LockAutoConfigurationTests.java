package io.concord.autoconfigure.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.StartupFailure;
import io.concord.autoconfigure.lease.LeaseAutoConfiguration;
import io.concord.autoconfigure.lease.LeaseStores;
import io.concord.invocation.InvalidAnnotationException;
import io.concord.invocation.Otherwise;
import io.concord.lease.LeaseEngineClosedException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.lock.DistributedLock;
import io.concord.lock.DistributedLockBeanPostProcessor;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockRequest;
import io.concord.lock.LockUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.spy;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

@ExtendWith(OutputCaptureExtension.class)
class LockAutoConfigurationTests {

	private final ApplicationContextRunner unconfigured = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.unconfigured.withPropertyValues("concord.backend=local");

	@Test
	void locksMethods() {
		this.runner.withBean(Shop.class).run((context) -> {
			assertThat(AopUtils.isCglibProxy(context.getBean(Shop.class))).isTrue();
			assertThat(context.getBean(Shop.class).isLocked(null)).isTrue();
		});
	}

	/**
	 * Two applications whose schedulers call a job again and again, on one database: what
	 * nodes do whose clocks differ.
	 */
	@Test
	void scheduledJobRunsOnceInTheClusterForItsLeastTime() {
		AtomicInteger runs = new AtomicInteger();
		CountDownLatch skippedByOne = new CountDownLatch(5);
		CountDownLatch skippedByTwo = new CountDownLatch(5);
		ApplicationContextRunner node = this.unconfigured
			.withConfiguration(
					AutoConfigurations.of(DataSourceAutoConfiguration.class, TaskSchedulingAutoConfiguration.class))
			.withUserConfiguration(Scheduling.class)
			.withPropertyValues("spring.application.name=reports",
					"spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID());
		node.withBean(Job.class, () -> new Job(runs, skippedByOne))
			.run((one) -> node.withBean(Job.class, () -> new Job(runs, skippedByTwo)).run((two) -> {
				assertThat(skippedByOne.await(60, TimeUnit.SECONDS)).isTrue();
				assertThat(skippedByTwo.await(60, TimeUnit.SECONDS)).isTrue();
				assertThat(runs).hasValue(1);
			}));
	}

	@Test
	void saysAtStartWhatIsUsed(CapturedOutput output) {
		this.runner.run((context) -> assertThat(output).containsPattern("INFO .*Distributed locks: backend local")
			.containsOnlyOnce(
					"Distributed locks: backend local, which no other process sees, store memory of this JVM, wait time 10000 ms, lease time 30000 ms"));
	}

	@Test
	void locksOnTheDatabaseOfTheApplication(CapturedOutput output) {
		this.unconfigured.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class))
			.withPropertyValues("spring.application.name=shop", "spring.datasource.generate-unique-name=true")
			.withBean(Shop.class)
			.run((context) -> {
				assertThat(context.getBean(Shop.class).isLocked(null)).isTrue();
				assertThat(output).containsOnlyOnce("Distributed locks: ")
					.containsPattern("Distributed locks: backend jdbc \\(bean 'dataSource', the only one\\), "
							+ "store jdbc \\(jdbc:h2:mem:.*\\), namespace 'shop', wait time 10000 ms, lease time 30000 ms");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "lettuce", "jedis" })
	void startsWithoutReachingRedis(String clientType, CapturedOutput output) {
		this.unconfigured.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("spring.application.name=shop", "spring.data.redis.client-type=" + clientType,
					"spring.data.redis.port=1", "concord.store-timeout=500ms")
			.withBean(Shop.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).contains(
						"Distributed locks: backend redis (bean 'redisConnectionFactory', the only one), store redis");
				assertThatExceptionOfType(LeaseStoreException.class)
					.isThrownBy(() -> context.getBean(Shop.class).isLocked(null));
			});
	}

	@ParameterizedTest
	@CsvSource({ "lettuce, -1, 500ms, but must not be negative", "jedis, 1, 500ms, through a JedisConnectionFactory",
			"lettuce, 1, 0, but must be at least 1ms", "lettuce, 1, 1001ms, but must be at most half of" })
	void refusesReplicasThatItCantWaitFor(String clientType, String replicas, String timeout, String message) {
		this.unconfigured.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("spring.application.name=shop", "spring.data.redis.client-type=" + clientType,
					"spring.data.redis.port=1", "concord.redis.wait-replicas=" + replicas,
					"concord.redis.wait-replicas-timeout=" + timeout)
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining(message));
	}

	@Test
	void startsWithReplicasToWaitFor() {
		this.unconfigured.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
			.withPropertyValues("spring.application.name=shop", "spring.data.redis.port=1",
					"concord.redis.wait-replicas=1", "concord.store-timeout=1s")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void proxiesByInterfaceIfToldSo() {
		this.runner.withUserConfiguration(OrdersConfiguration.class)
			.withPropertyValues("spring.aop.proxy-target-class=false")
			.run((context) -> assertThat(AopUtils.isJdkDynamicProxy(context.getBean(Orders.class))).isTrue());
		this.runner.withUserConfiguration(OrdersConfiguration.class)
			.run((context) -> assertThat(AopUtils.isCglibProxy(context.getBean(Orders.class))).isTrue());
	}

	@Test
	void waitsAsLongAsConfigured() {
		this.runner.withBean(Shop.class).withPropertyValues("concord.lock.wait-time=1ms").run((context) -> {
			HeldLock held = context.getBean(DistributedLocks.class).acquire("shop", Duration.ZERO);
			assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> inOtherThread(() -> context.getBean(Shop.class).isLocked(null)))
				.withMessageContaining("1 ms");
			held.close();
		});
	}

	@Test
	void usesConfiguredLeaseTime(CapturedOutput output) {
		this.runner.withPropertyValues("concord.lock.lease-time=4h").run((context) -> {
			assertThat(output).contains("lease time 14400000 ms");
			DistributedLocks locks = context.getBean(DistributedLocks.class);
			try (HeldLock lock = locks.acquire("shop", Duration.ZERO)) {
				assertThat(locks.status(lock.name()).holders()).singleElement()
					.satisfies((holder) -> assertThat(holder.remaining()).isBetween(Duration.ofHours(3),
							Duration.ofHours(4)));
			}
		});
	}

	@Test
	void needsBackendAlsoIfOnlyTheBeanIsUsed() {
		this.unconfigured.run((context) -> assertThat(StartupFailure.of(context))
			.hasMessageContaining("'concord.lock' needs a store"));
	}

	@Test
	void needsBackendAtStartAlsoIfBeansAreLazy() {
		this.unconfigured
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessageContaining("'concord.lock' needs a store"));
	}

	@Test
	void featureOverridesBackend() {
		this.unconfigured.withPropertyValues("concord.backend=redis", "concord.lock.backend=local")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void failsIfClientOfOwnBackendIsMissing() {
		this.unconfigured.withPropertyValues("concord.lock.backend=zookeeper")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessageContaining(
					"The backend 'zookeeper' was chosen, but the application has no CuratorFramework bean"));
	}

	@Test
	void runsUnlockedAndWarnsIfSwitchedOff(CapturedOutput output) {
		this.unconfigured.withPropertyValues("concord.lock.enabled=false").withBean(Shop.class).run((context) -> {
			assertThat(context).doesNotHaveBean(DistributedLocks.class)
				.doesNotHaveBean(DistributedLockBeanPostProcessor.class);
			assertThat(context.getBean(Shop.class).isLocked(null)).isFalse();
			assertThat(output).containsOnlyOnce("switched off by 'concord.lock.enabled=false'");
		});
	}

	@Test
	void doesNotWarnIfSwitchedOn(CapturedOutput output) {
		this.runner.run((context) -> assertThat(output).doesNotContain("switched off"));
	}

	@Test
	void refusesToInjectLocksIfSwitchedOff() {
		this.unconfigured.withPropertyValues("concord.lock.enabled=false")
			.withBean("needsLocks", String.class, () -> "never created",
					(definition) -> definition.setDependsOn("concordDistributedLocks"))
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasRootCauseInstanceOf(NoSuchBeanDefinitionException.class));
	}

	@ParameterizedTest
	@CsvSource({ "concord.lock.hand-over.enabled=true, 1", "concord.lock.hand-over.enabled=false, 3",
			"concord.lock.hand-over.max-turns=0, 3", "concord.lock.hand-over.max-turns=1, 2",
			"concord.lock.hand-over.max-time=0, 3" })
	void passesLocksOnAsConfigured(String property, int claims) {
		LeaseStore store = spy(new LocalLeaseStore());
		this.unconfigured.withBean(LeaseStore.class, () -> store)
			.withPropertyValues("concord.lock.hand-over.max-time=1h", property)
			.run((context) -> {
				DistributedLocks locks = context.getBean(DistributedLocks.class);
				HeldLock lock = locks.acquire("shop", Duration.ZERO);
				List<CompletableFuture<HeldLock>> waiting = new ArrayList<>();
				for (int i = 0; i < 2; i++) {
					waiting.add(locks.acquireAsync(LockRequest.of("shop").waitTime(Duration.ofSeconds(20))));
				}
				lock.close();
				for (CompletableFuture<HeldLock> next : waiting) {
					next.get(20, TimeUnit.SECONDS).close();
				}
				verify(store, times(claims)).claim(any(), any());
			});
	}

	@Test
	void refusesHandOverThatCannotBe() {
		this.runner.withPropertyValues("concord.lock.hand-over.max-turns=1024")
			.run((context) -> assertThat(StartupFailure.of(context)).hasMessage(
					"The property 'concord.lock.hand-over.max-turns' is '1024', but must be between 0 and 1023."));
		this.runner.withPropertyValues("concord.lock.hand-over.max-time=-1s")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessage("The property 'concord.lock.hand-over.max-time' is '-1s', but must not be negative."));
	}

	@Test
	void refusesNegativeWaitTime() {
		this.runner.withPropertyValues("concord.lock.wait-time=-1s").run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessage("The property 'concord.lock.wait-time' is '-1s', but must not be negative.");
			assertThat(failure.getAction()).contains("'0'");
		});
	}

	@Test
	void takesNoWaitTime() {
		this.runner.withPropertyValues("concord.lock.wait-time=0").run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void refusesLeaseTimeOfZero() {
		this.runner.withPropertyValues("concord.lock.lease-time=0")
			.run((context) -> assertThat(StartupFailure.of(context))
				.hasMessage("The property 'concord.lock.lease-time' is '0s', but must be positive."));
	}

	@Test
	void refusesLeaseTimeShorterThanTwiceTheStoreTimeout() {
		this.runner.withPropertyValues("concord.lock.lease-time=3s").run((context) -> {
			InvalidConcordConfigurationException failure = StartupFailure.of(context);
			assertThat(failure).hasMessageContaining("'concord.lock.lease-time' is '3s', but must be at least 4000 ms")
				.hasMessageContaining("'concord.store-timeout' is 2000 ms");
			assertThat(failure.getAction()).contains("'4000ms'", "'1500ms'");
		});
		this.runner.withPropertyValues("concord.lock.lease-time=3s", "concord.store-timeout=1500ms")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void refusesMalformedDuration() {
		this.runner.withPropertyValues("concord.lock.wait-time=soon")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("'soon' is not a valid duration"));
	}

	@Test
	void refusesAnnotationThatCannotWork() {
		this.runner.withBean(PrivateMethod.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasRootCauseInstanceOf(InvalidAnnotationException.class)
				.rootCause()
				.hasMessageContaining("PrivateMethod"));
	}

	@Test
	void backsOffWhenUserDefinesLocks() {
		DistributedLocks locks = mock();
		HeldLock lock = mock();
		given(locks.labelled(anyString())).willReturn(locks);
		given(locks.acquire(any(LockRequest.class))).willReturn(lock);
		this.unconfigured.withBean(DistributedLocks.class, () -> locks).withBean(Shop.class).run((context) -> {
			assertThat(context).hasSingleBean(DistributedLocks.class);
			assertThat(context.getBean(Shop.class).isLocked(null)).isTrue();
		});
	}

	@Test
	void addsNothingWithoutLockLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader(DistributedLocks.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(LeaseStores.class)
				.doesNotHaveBean(LockAutoConfiguration.class));
	}

	@Test
	void addsNothingWithoutLeaseLibrary() {
		this.runner.withClassLoader(new FilteredClassLoader("io.concord.lease"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LeaseStores.class)
				.doesNotHaveBean(DistributedLocks.class));
	}

	@Test
	void keepsBeansEligibleForAllPostProcessors(CapturedOutput output) {
		this.runner.withBean(Shop.class)
			.run((context) -> assertThat(output).doesNotContain("is not eligible for getting processed"));
	}

	@Test
	void locksWorkAgainAfterRestart() {
		this.runner.withBean(Shop.class).run((context) -> {
			Shop shop = context.getBean(Shop.class);
			DistributedLocks locks = context.getBean(DistributedLocks.class);
			assertThat(shop.isLocked(null)).isTrue();
			context.getSourceApplicationContext().stop();
			assertThatExceptionOfType(LeaseEngineClosedException.class).isThrownBy(() -> locks.tryAcquire("shop"));
			context.getSourceApplicationContext().start();
			assertThat(shop.isLocked(null)).isTrue();
			Optional<HeldLock> lock = locks.tryAcquire("shop");
			assertThat(lock).isPresent();
			lock.get().close();
		});
	}

	private static void inOtherThread(Runnable task) throws Throwable {
		try {
			CompletableFuture.runAsync(task, (own) -> new Thread(own).start()).get();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() != null) ? ex.getCause() : ex;
		}
	}

	static class Shop {

		@DistributedLock(name = "shop")
		boolean isLocked(@Nullable HeldLock lock) {
			return lock != null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class Scheduling {

	}

	static class Job {

		private final AtomicInteger runs;

		private final CountDownLatch skipped;

		Job(AtomicInteger runs, CountDownLatch skipped) {
			this.runs = runs;
			this.skipped = skipped;
		}

		@Scheduled(fixedDelay = 5)
		@DistributedLock(name = "job", waitTime = "0", otherwise = Otherwise.FALLBACK, fallback = "skip",
				minHold = "1h")
		void run() {
			this.runs.incrementAndGet();
		}

		void skip() {
			this.skipped.countDown();
		}

	}

	static class PrivateMethod {

		@DistributedLock
		private void order() {
		}

		void callsIt() {
			order();
		}

	}

	interface Orders {

		@DistributedLock
		void place();

	}

	static class DefaultOrders implements Orders {

		@Override
		public void place() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OrdersConfiguration {

		@Bean
		DefaultOrders orders() {
			return new DefaultOrders();
		}

	}

}
