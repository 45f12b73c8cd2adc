package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.lease.Lease.ReleaseOutcome;
import io.concord.lease.local.LocalLeaseStore;

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

	private final AtomicLong nanos = new AtomicLong(1_000);

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
		this.nanos.addAndGet(TTL.toNanos());
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
		return engine.acquire(LeaseRequest.exclusive("lock:stock", waitTime, TTL).labelled(LABEL));
	}

	private LeaseEngine engine(LeaseObserver observer) {
		LeaseEngine engine = LeaseEngine.builder(this.store)
			.shutdownTimeout(Duration.ZERO)
			.nanoTime(this.nanos::get)
			.observer(observer)
			.build();
		this.engines.add(engine);
		return engine;
	}

	private LeaseObservation observe(LeaseRequest request, LeaseStore observed) {
		this.told.add("acquiring " + request.label().name());
		return new LeaseObservation() {

			@Override
			public void waiting() {
				LeaseObservationTests.this.told.add("waiting");
			}

			@Override
			public void granted(Lease lease) {
				LeaseObservationTests.this.told.add("granted");
			}

			@Override
			public void unavailable() {
				LeaseObservationTests.this.told.add("unavailable");
			}

			@Override
			public void failed(Throwable failure) {
				LeaseObservationTests.this.told.add("failed " + failure.getClass().getSimpleName());
			}

			@Override
			public void renewedLate() {
				LeaseObservationTests.this.told.add("renewed late");
			}

			@Override
			public void ended(ReleaseOutcome outcome) {
				LeaseObservationTests.this.told.add("ended " + outcome);
			}

		};
	}

	private static void await(BooleanSupplier condition) {
		long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			LockSupport.parkNanos(1_000_000);
		}
	}

}
