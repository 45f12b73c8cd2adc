package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.local.LocalLeaseStore;

import static io.concord.lease.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an observer is told, and what operators see of an engine.
 */
@Timeout(60)
class LeaseObservationTests {

	private static final Duration TTL = Duration.ofSeconds(30);

	private static final LeaseLabel LABEL = new LeaseLabel("lock", "stock");

	private final Queue<String> told = new ConcurrentLinkedQueue<>();

	private final LocalLeaseStore memory = new LocalLeaseStore();

	private final AtomicBoolean failing = new AtomicBoolean();

	private final TestClock clock = new TestClock();

	private final LeaseStore store = new StoreDecorator(this.memory) {

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			failIfTold();
			return super.claim(claim, timeout);
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			failIfTold();
			return super.refresh(claim, timeout);
		}

		private void failIfTold() {
			if (LeaseObservationTests.this.failing.get()) {
				throw new LeaseStoreException("told to fail");
			}
		}

	};

	private final List<LeaseEngine> engines = new ArrayList<>();

	@AfterEach
	void close() {
		this.engines.forEach(LeaseEngine::close);
	}

	@Test
	void tellsOfGrantAndRelease() {
		Lease lease = acquire(engine(this::observe), Duration.ZERO).orElseThrow();
		assertThat(this.told).containsExactly("acquiring stock", "granted");
		lease.release();
		lease.release();
		assertThat(this.told).containsExactly("acquiring stock", "granted", "ended RELEASED");
	}

	/** As if it is lost when its request has it already, but has not been told yet. */
	@Test
	void tellsOfALossThatComesBeforeTheGrantIsTold() {
		Lease lease = acquire(engine(LeaseObserver.NONE), Duration.ZERO).orElseThrow();
		LeaseObservation observation = SafeObservation.of(this::observe, request(Duration.ZERO), this.store);
		observation.waiting();
		observation.ended(ReleaseOutcome.LOST);
		observation.granted(lease);
		assertThat(this.told).containsExactly("acquiring stock", "waiting", "granted", "ended LOST");
		observation.ended(ReleaseOutcome.LOST);
		assertThat(this.told).hasSize(4);
	}

	@Test
	void tellsThatItWasNotToBeHad() {
		acquire(engine(LeaseObserver.NONE), Duration.ZERO);
		assertThat(acquire(engine(this::observe), Duration.ZERO)).isEmpty();
		assertThat(this.told).containsExactly("acquiring stock", "unavailable");
	}

	@Test
	void tellsOfWaitingOnce() {
		Lease first = acquire(engine(LeaseObserver.NONE), Duration.ZERO).orElseThrow();
		LeaseEngine engine = engine(this::observe);
		CompletableFuture<Optional<Lease>> second = CompletableFuture
			.supplyAsync(() -> acquire(engine, Duration.ofSeconds(30)));
		await(() -> this.told.contains("waiting"));
		first.release();
		assertThat(second.join()).isPresent();
		assertThat(this.told).containsExactly("acquiring stock", "waiting", "granted");
	}

	@Test
	void tellsTheHeirThatTheLeaseWasHandedOver() {
		Queue<String> toldFirst = new ConcurrentLinkedQueue<>();
		Queue<String> toldHeir = new ConcurrentLinkedQueue<>();
		LeaseEngine engine = engine(
				(request, observed) -> recorder(request.label().name().equals("heir") ? toldHeir : toldFirst));
		Lease first = engine.acquire(request(Duration.ZERO).labelled(new LeaseLabel("lock", "first"))).orElseThrow();
		CompletableFuture<Optional<Lease>> second = CompletableFuture.supplyAsync(
				() -> engine.acquire(request(Duration.ofSeconds(30)).labelled(new LeaseLabel("lock", "heir"))));
		await(() -> toldHeir.contains("waiting"));
		first.release();
		Lease heir = second.join().orElseThrow();
		assertThat(heir.token()).isEqualTo(first.token() + 1);
		assertThat(toldFirst).containsExactly("granted", "ended RELEASED");
		assertThat(toldHeir).containsExactly("waiting", "handed over", "granted");
		assertThat(engine.held()).singleElement().satisfies((held) -> {
			assertThat(held.label().name()).isEqualTo("heir");
			assertThat(held.token()).isEqualTo(heir.token());
			assertThat(held.waiters()).isZero();
		});
		assertThat(engine.inspect("lock:stock").orElseThrow().holders()).extracting(ResourceState.Holder::token)
			.containsExactly(heir.token());
		assertThat(engine.forceRelease("lock:stock").orElseThrow()).extracting(ResourceState.Holder::token)
			.containsExactly(heir.token());
		assertThat(heir.isValid()).isFalse();
		await(() -> toldHeir.contains("ended LOST"));
		assertThat(toldFirst).containsExactly("granted", "ended RELEASED");
		assertThat(acquire(engine, Duration.ZERO)).as("free in the process and in the store").isPresent();
	}

	@Test
	void tellsOfWhatNoThreadWaitsFor() {
		LeaseEngine engine = engine(this::observe);
		Lease first = engine.acquireAsync(request(Duration.ZERO)).join().orElseThrow();
		assertThat(this.told).containsExactly("acquiring stock", "granted");
		assertThat(engine.acquireAsync(request(Duration.ZERO)).join()).isEmpty();
		assertThat(this.told).endsWith("acquiring stock", "unavailable");
		this.told.clear();
		CompletableFuture<Optional<Lease>> second = engine.acquireAsync(request(Duration.ofSeconds(30)));
		await(() -> engine.held().get(0).waiters() == 1);
		await(() -> this.told.contains("waiting"));
		first.releaseAfter(Duration.ofSeconds(20));
		assertThat(this.told).containsExactly("acquiring stock", "waiting", "ended RELEASED");
		second.cancel(true);
		await(() -> this.told.contains("failed CancellationException"));
		assertThat(this.told).containsExactly("acquiring stock", "waiting", "ended RELEASED",
				"failed CancellationException");
		assertThat(engine.held()).isEmpty();
	}

	@Test
	void cancelledAcquisitionEndsItsObservation() {
		LeaseEngine engine = engine(this::observe);
		Lease first = acquire(engine(LeaseObserver.NONE), Duration.ZERO).orElseThrow();
		CompletableFuture<Optional<Lease>> second = engine.acquireAsync(request(Duration.ofSeconds(30)));
		await(() -> this.told.contains("waiting"));
		second.cancel(true);
		await(() -> this.told.contains("failed CancellationException"));
		assertThat(this.told).containsExactly("acquiring stock", "waiting", "failed CancellationException");
		assertThat(first.isValid()).isTrue();
	}

	@Test
	void endComesAfterTheGrantHasBeenTold() {
		List<String> calls = new ArrayList<>();
		LeaseObservation[] observed = new LeaseObservation[1];
		observed[0] = SafeObservation.of((request, store) -> new LeaseObservation() {

			@Override
			public void granted(Lease lease) {
				observed[0].ended(ReleaseOutcome.LOST);
				calls.add("granted");
			}

			@Override
			public void ended(ReleaseOutcome outcome) {
				calls.add("ended " + outcome);
			}

		}, request(Duration.ZERO), this.store);
		observed[0].granted(acquire(engine(LeaseObserver.NONE), Duration.ZERO).orElseThrow());
		observed[0].ended(ReleaseOutcome.RELEASED);
		assertThat(calls).containsExactly("granted", "ended LOST");
	}

	@Test
	void tellsOfFailure() {
		this.failing.set(true);
		LeaseEngine engine = engine(this::observe);
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> acquire(engine, Duration.ZERO));
		assertThat(this.told).containsExactly("acquiring stock", "failed LeaseStoreException");
	}

	@Test
	void tellsOfLossOnce() {
		LeaseEngine engine = engine(this::observe);
		Lease lease = acquire(engine, Duration.ZERO).orElseThrow();
		this.clock.pass(TTL);
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
		await(() -> this.told.contains("ended LOST"));
		engine.close();
		assertThat(this.told).containsExactly("acquiring stock", "granted", "ended LOST");
	}

	@Test
	void tellsOfLateRenewals() {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.storeTimeout(Duration.ofMillis(50))
			.shutdownTimeout(Duration.ZERO)
			.observer(this::observe)
			.build();
		this.engines.add(engine);
		LeaseRequest request = LeaseRequest.exclusive("lock:stock", Duration.ZERO, Duration.ofSeconds(2));
		Lease lease = engine.acquire(request.labelled(LABEL)).orElseThrow();
		this.failing.set(true);
		await(() -> lease.remaining().toMillis() < 600);
		this.failing.set(false);
		await(() -> this.told.contains("renewed late"));
		assertThat(lease.isValid()).isTrue();
		lease.release();
		assertThat(this.told).containsExactly("acquiring stock", "granted", "renewed late", "ended RELEASED");
	}

	@Test
	void observerThatThrowsChangesNothing() {
		LeaseEngine engine = engine((request, observed) -> {
			throw new IllegalStateException("broken");
		});
		assertThat(acquire(engine, Duration.ZERO)).isPresent();
		LeaseEngine other = engine((request, observed) -> new LeaseObservation() {

			@Override
			public void unavailable() {
				throw new IllegalStateException("broken");
			}

		});
		assertThat(acquire(other, Duration.ZERO)).isEmpty();
	}

	@Test
	void describesWhatIsHeldAndHowManyWait() {
		LeaseEngine engine = engine(LeaseObserver.NONE);
		Lease lease = acquire(engine, Duration.ZERO).orElseThrow();
		CompletableFuture<Optional<Lease>> second = CompletableFuture
			.supplyAsync(() -> acquire(engine, Duration.ofSeconds(30)));
		await(() -> engine.held().get(0).waiters() == 1);
		HeldResource held = engine.held().get(0);
		assertThat(held.label()).isEqualTo(LABEL);
		assertThat(held.resource()).isEqualTo("lock:stock");
		assertThat(held.token()).isEqualTo(lease.token());
		assertThat(held.since()).isEqualTo(lease.since());
		assertThat(held.remaining()).isEqualTo(lease.remaining());
		assertThat(held.validUntil()).isAfter(held.since());
		lease.release();
		second.join().orElseThrow().release();
		assertThat(engine.held()).isEmpty();
	}

	@Test
	void seesWhatAnotherEngineHoldsAndReleasesItByForce() {
		LeaseEngine engine = engine(LeaseObserver.NONE);
		LeaseEngine other = engine(LeaseObserver.NONE);
		Lease lease = acquire(other, Duration.ZERO).orElseThrow();
		assertThat(engine.held()).isEmpty();
		ResourceState state = engine.inspect("lock:stock").orElseThrow();
		assertThat(state.holders()).singleElement().satisfies((holder) -> {
			assertThat(holder.token()).isEqualTo(lease.token());
			assertThat(holder.owner()).isEqualTo(other.held().get(0).owner());
		});
		assertThat(engine.forceRelease("lock:stock").orElseThrow()).extracting(ResourceState.Holder::token)
			.containsExactly(lease.token());
		assertThat(engine.inspect("lock:stock")).hasValue(ResourceState.FREE);
		assertThat(acquire(engine, Duration.ZERO)).isPresent();
		assertThat(lease.release()).isEqualTo(ReleaseOutcome.LOST);
	}

	@Test
	void tellsItsOwnHolderOfReleaseByForce() {
		LeaseEngine engine = engine(this::observe);
		Lease lease = acquire(engine, Duration.ZERO).orElseThrow();
		CompletableFuture<String> lost = new CompletableFuture<>();
		lease.onLost(lost::complete);
		assertThat(engine.forceRelease("lock:stock")).isPresent();
		assertThat(lease.isValid()).isFalse();
		assertThat(lost.join()).contains("by force");
		await(() -> this.told.contains("ended LOST"));
	}

	@Test
	void forcedReleaseOfWhatIsFreeDoesNothing() {
		assertThat(engine(LeaseObserver.NONE).forceRelease("lock:stock")).hasValue(List.of());
	}

	@Test
	void pingChangesNothingAndFailsWithTheStore() {
		LeaseEngine engine = engine(LeaseObserver.NONE);
		assertThat(engine.ping()).isGreaterThanOrEqualTo(Duration.ZERO);
		assertThat(engine.inspect("concord-ping")).hasValue(ResourceState.FREE);
		this.failing.set(true);
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(engine::ping);
	}

	private Optional<Lease> acquire(LeaseEngine engine, Duration waitTime) {
		return engine.acquire(request(waitTime));
	}

	private static LeaseRequest request(Duration waitTime) {
		return LeaseRequest.exclusive("lock:stock", waitTime, TTL).labelled(LABEL);
	}

	private LeaseEngine engine(LeaseObserver observer) {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.nanoTime(this.clock::nanos)
			.observer(observer)
			.build();
		this.engines.add(engine);
		return engine;
	}

	private LeaseObservation observe(LeaseRequest request, LeaseStore observed) {
		this.told.add("acquiring " + request.label().name());
		return recorder(this.told);
	}

	private static LeaseObservation recorder(Queue<String> told) {
		return new LeaseObservation() {

			@Override
			public void waiting() {
				told.add("waiting");
			}

			@Override
			public void handedOver() {
				told.add("handed over");
			}

			@Override
			public void granted(Lease lease) {
				told.add("granted");
			}

			@Override
			public void unavailable() {
				told.add("unavailable");
			}

			@Override
			public void failed(Throwable failure) {
				told.add("failed " + failure.getClass().getSimpleName());
			}

			@Override
			public void renewedLate() {
				told.add("renewed late");
			}

			@Override
			public void ended(ReleaseOutcome outcome) {
				told.add("ended " + outcome);
			}

		};
	}

}
