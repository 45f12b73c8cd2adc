package io.concord.autoconfigure.lease;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import io.concord.autoconfigure.UnreachableStore;
import io.concord.autoconfigure.lock.LockAutoConfiguration;
import io.concord.lease.Lease;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseObservation;
import io.concord.lease.LeaseObserver;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.local.LocalLeaseStore;
import io.concord.lock.DistributedLock;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockInspector;
import io.concord.lock.LockLostException;
import io.concord.lock.LockRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.spy;

class LeaseObservationAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class, LockAutoConfiguration.class,
				LeaseObservationAutoConfiguration.class))
		.withPropertyValues("concord.backend=local");

	private final ApplicationContextRunner metered = this.runner.withConfiguration(
			AutoConfigurations.of(MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
					SimpleMetricsExportAutoConfiguration.class, ObservationAutoConfiguration.class));

	@Test
	void timesAcquisitionAndHoldByTheNameOfTheAnnotation() {
		this.metered.withBean(Shop.class).run((context) -> {
			context.getBean(Shop.class).place("mug");
			context.getBean(Shop.class).place("cup");
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(timer(meters, "concord.lock.acquire", "acquired").count()).isEqualTo(2);
			assertThat(timer(meters, "concord.lock.hold", "released").count()).isEqualTo(2);
			assertThat(meters.getMeters()).extracting(Meter::getId)
				.extracting(Meter.Id::getTags)
				.allSatisfy((tags) -> assertThat(tags.toString()).doesNotContain("mug"));
		});
	}

	@Test
	void asksNothingMoreOfNestedCalls() {
		this.metered.withBean(Shop.class).run((context) -> {
			try (HeldLock lock = context.getBean(DistributedLocks.class).acquire("stock:mug", Duration.ZERO)) {
				context.getBean(Shop.class).place("mug");
				assertThat(lock.isHeld()).isTrue();
			}
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(meters.find("concord.lock.acquire").tag("name", "stock").timer()).isNull();
			assertThat(meters.get("concord.lock.acquire").tag("name", "by-hand").timer().count()).isOne();
		});
	}

	@Test
	void usesTheNameThatTheCallerDeclares() {
		this.metered.run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class).labelled("stock");
			locks.acquire("stock:mug", Duration.ZERO).close();
			assertThat(timer(context.getBean(MeterRegistry.class), "concord.lock.acquire", "acquired").count()).isOne();
		});
	}

	@Test
	void countsWhatWasNotToBeHad() {
		this.metered.withBean(Shop.class).run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class).labelled("stock");
			try (HeldLock lock = locks.acquire("stock:mug", Duration.ZERO)) {
				assertThat(CompletableFuture.supplyAsync(() -> locks.tryAcquire(lock.name())).join()).isEmpty();
			}
			assertThat(timer(context.getBean(MeterRegistry.class), "concord.lock.acquire", "unavailable").count())
				.isOne();
		});
	}

	@Test
	void countsLosses() {
		this.metered.run((context) -> {
			HeldLock lock = context.getBean(DistributedLocks.class)
				.labelled("stock")
				.acquire("stock:mug", Duration.ZERO);
			CompletableFuture<String> told = new CompletableFuture<>();
			lock.onLost(told::complete);
			context.getBean(LockInspector.class).forceRelease("stock:mug");
			told.join();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(
					meters.get("concord.lock.hold.lost").tag("name", "stock").tag("store", "local").counter().count())
				.isOne();
			assertThat(timer(meters, "concord.lock.hold", "lost").count()).isOne();
		});
	}

	@Test
	void countsLateRenewals() {
		this.metered.run((context) -> {
			LeaseObservation observation = context.getBean(LeaseObserver.class)
				.acquiring(LeaseRequest.exclusive("lock:stock:mug", Duration.ZERO, Duration.ofSeconds(30))
					.labelled(new LeaseLabel("lock", "stock")), new LocalLeaseStore());
			observation.granted(mock());
			observation.renewedLate();
			observation.renewedLate();
			observation.ended(Lease.ReleaseOutcome.RELEASED);
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			assertThat(meters.get("concord.lock.hold.renewed.late")
				.tag("name", "stock")
				.tag("store", "local")
				.counter()
				.count()).isEqualTo(2);
			assertThat(meters.find("concord.lock.hold.lost").counter()).isNull();
		});
	}

	@Test
	void countsAcquisitionsOfWhichNobodyKnows() {
		LeaseStore store = spy(new LocalLeaseStore());
		willThrow(new LeaseOutcomeUnknownException("no answer")).given(store).claim(any(), any());
		this.metered.withBean(LeaseStore.class, () -> store).run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class).labelled("stock");
			assertThatExceptionOfType(LeaseOutcomeUnknownException.class)
				.isThrownBy(() -> locks.acquire("stock:mug", Duration.ZERO));
			assertThat(context.getBean(MeterRegistry.class)
				.get("concord.lock.acquire")
				.tag("name", "stock")
				.tag("outcome", "unknown")
				.tag("error", "LeaseOutcomeUnknownException")
				.timer()
				.count()).isOne();
		});
	}

	@Test
	void countsReleasesThatAreNotConfirmed() {
		LeaseStore store = spy(new LocalLeaseStore());
		willThrow(new LeaseStoreException("gone")).willCallRealMethod().given(store).release(any(), any(), any());
		this.metered.withBean(LeaseStore.class, () -> store).run((context) -> {
			context.getBean(DistributedLocks.class).labelled("stock").acquire("stock:mug", Duration.ZERO).close();
			assertThat(timer(context.getBean(MeterRegistry.class), "concord.lock.hold", "unconfirmed").count()).isOne();
		});
	}

	@Test
	void timesWhatGoesOn() {
		this.metered.run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class).labelled("stock");
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			HeldLock first = locks.acquire("stock:mug", Duration.ZERO);
			assertThat(active(meters, "concord.lock.hold.active")).isOne();
			CompletableFuture<HeldLock> second = locks
				.acquireAsync(LockRequest.of("stock:mug").waitTime(Duration.ofSeconds(30)));
			assertThat(active(meters, "concord.lock.acquire.active")).isOne();
			first.close();
			second.join().close();
			assertThat(active(meters, "concord.lock.hold.active")).isZero();
			assertThat(active(meters, "concord.lock.acquire.active")).isZero();
		});
	}

	private static int active(MeterRegistry meters, String name) {
		return meters.get(name).tag("name", "stock").tag("store", "local").longTaskTimer().activeTasks();
	}

	@Test
	void showsHowManyWait() {
		this.metered.run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class).labelled("stock");
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			HeldLock first = locks.acquire("stock:mug", Duration.ZERO);
			CompletableFuture<Void> second = CompletableFuture
				.runAsync(() -> locks.acquire("stock:mug", Duration.ofSeconds(30)).close());
			awaitWaiters(meters, 1);
			first.close();
			second.join();
			assertThat(waiters(meters)).isZero();
			assertThat(meters.get("concord.lock.acquire.handed.over").tag("name", "stock").counter().count()).isOne();
			assertThat(timer(meters, "concord.lock.hold", "released").count()).isEqualTo(2);
		});
	}

	@Test
	void observesWhatNoThreadWaitsFor() {
		this.metered.run((context) -> {
			DistributedLocks locks = context.getBean(DistributedLocks.class).labelled("stock");
			MeterRegistry meters = context.getBean(MeterRegistry.class);
			LockRequest request = LockRequest.of("stock:mug").waitTime(Duration.ofSeconds(30));
			try (HeldLock first = locks.acquireAsync(request).join()) {
				CompletableFuture<HeldLock> second = locks.acquireAsync(request);
				awaitWaiters(meters, 1);
				second.cancel(true);
				awaitWaiters(meters, 0);
				assertThat(first.isHeld()).isTrue();
			}
			assertThat(timer(meters, "concord.lock.acquire", "acquired").count()).isOne();
			assertThat(meters.get("concord.lock.acquire").tag("outcome", "failed").timer().count()).isOne();
			assertThat(timer(meters, "concord.lock.hold", "released").count()).isOne();
		});
	}

	private static void awaitWaiters(MeterRegistry meters, int count) {
		long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
		while (waiters(meters) != count) {
			assertThat(System.nanoTime()).isLessThan(end);
			Thread.onSpinWait();
		}
	}

	private static double waiters(MeterRegistry meters) {
		return (meters.find("concord.lock.waiters").gauge() == null) ? 0
				: meters.get("concord.lock.waiters").tag("name", "stock").tag("store", "local").gauge().value();
	}

	@Test
	void isChildOfWhatWasObservedAtTheCall() {
		List<Observation.Context> ended = new CopyOnWriteArrayList<>();
		this.metered.withBean("handler", ObservationHandler.class, () -> new RecordingHandler(ended))
			.withBean(Shop.class)
			.run((context) -> {
				Observation.createNotStarted("request", context.getBean(ObservationRegistry.class))
					.observe(() -> context.getBean(Shop.class).place("mug"));
				assertThat(ended).extracting(Observation.Context::getName)
					.containsExactly("concord.lock.acquire", "concord.lock.hold", "request");
				assertThat(ended.subList(0, 2)).extracting(Observation.Context::getParentObservation)
					.allSatisfy((parent) -> assertThat(Objects.requireNonNull(parent).getContextView().getName())
						.isEqualTo("request"));
				assertThat(ended).first()
					.extracting(Observation.Context::getContextualName)
					.isEqualTo("lock acquire stock");
			});
	}

	@Test
	void reportsFailures() {
		List<Observation.Context> ended = new CopyOnWriteArrayList<>();
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new RecordingHandler(ended));
		this.runner.withBean(ObservationRegistry.class, () -> registry)
			.withBean(UnreachableStore.class)
			.run((context) -> assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> context.getBean(DistributedLocks.class).tryAcquire("stock")));
		assertThat(ended).singleElement().satisfies((observed) -> {
			assertThat(observed.getError()).isInstanceOf(LeaseStoreException.class);
			assertThat(observed.getLowCardinalityKeyValue("outcome")).isNotNull()
				.satisfies((outcome) -> assertThat(outcome.getValue()).isEqualTo("failed"));
		});
	}

	@Test
	void observesWithoutMeters() {
		List<Observation.Context> ended = new CopyOnWriteArrayList<>();
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new RecordingHandler(ended));
		this.runner.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.withBean(ObservationRegistry.class, () -> registry)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(WaiterGauges.class);
				context.getBean(DistributedLocks.class).acquire("stock", Duration.ZERO).close();
				assertThat(ended).hasSize(2);
			});
	}

	@Test
	void observesNothingWithoutRegistry() {
		this.runner.withBean(Shop.class).run((context) -> {
			assertThat(context).doesNotHaveBean(LeaseObserver.class);
			assertThat(context.getBean(Shop.class).place("mug")).isEqualTo("mug");
		});
	}

	@Test
	void observesNothingWithoutMicrometer() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(LeaseObserver.class);
			context.getBean(DistributedLocks.class).acquire("stock", Duration.ZERO).close();
		});
	}

	@Test
	void backsOffWithoutLeaseLibrary() {
		this.metered.withClassLoader(new FilteredClassLoader("io.concord.lease"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(LeaseObservationAutoConfiguration.class));
	}

	@Test
	void backsOffWhenUserDefinesObserver() {
		List<String> labels = new CopyOnWriteArrayList<>();
		this.metered.withBean(LeaseObserver.class, () -> (request, store) -> {
			labels.add(request.label().name());
			return LeaseObservation.NONE;
		}).withBean(Shop.class).run((context) -> {
			assertThat(context).doesNotHaveBean(ObservationLeaseObserver.class);
			context.getBean(Shop.class).place("mug");
			assertThat(labels).containsExactly("stock");
		});
	}

	private static Timer timer(MeterRegistry meters, String name, String outcome) {
		return meters.get(name)
			.tag("name", "stock")
			.tag("store", "local")
			.tag("outcome", outcome)
			.tag("error", "none")
			.timer();
	}

	static class Shop {

		@DistributedLock(name = "stock", key = "#sku")
		String place(String sku) {
			return sku;
		}

	}

	private record RecordingHandler(
			List<Observation.Context> ended) implements ObservationHandler<Observation.Context> {

		@Override
		public void onStop(Observation.Context context) {
			this.ended.add(context);
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
