package io.concord.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import io.concord.lease.HeldResource;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseObservation;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStore;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.Mockito.mock;

/**
 * What can be seen of locks from outside.
 */
class LockInspectorTests {

	private final LocalLeaseStore store = new LocalLeaseStore();

	private final List<LeaseLabel> labels = new CopyOnWriteArrayList<>();

	private final LeaseEngine engine = engine(this.store);

	private final LeaseEngine otherEngine = engine(this.store);

	private final DistributedLocks locks = DistributedLocks.create(this.engine, LockSettings.defaults());

	private final DistributedLocks elsewhere = DistributedLocks.create(this.otherEngine, LockSettings.defaults());

	private final LockInspector inspector = LockInspector.of(this.locks);

	@AfterEach
	void close() {
		this.engine.close();
		this.otherEngine.close();
	}

	@Test
	void tellsWhetherALockIsHeldAnywhere() {
		assertThat(this.locks.status("stock:42")).isEqualTo(new LockStatus("stock:42", List.of(), 0));
		assertThat(this.locks.status("stock:42").isHeld()).isFalse();
		try (HeldLock lock = this.elsewhere.acquire("stock:42", Duration.ZERO)) {
			LockStatus status = this.locks.status("stock:42");
			assertThat(status.isHeld()).isTrue();
			assertThat(status.holders()).singleElement().satisfies((holder) -> {
				assertThat(holder.fencingToken()).isEqualTo(lock.fencingToken());
				assertThat(holder.remaining()).isPositive();
			});
			assertThat(this.inspector.status("stock:42")).isPresent();
		}
		assertThat(this.locks.status("stock:42").isHeld()).isFalse();
	}

	@Test
	void knowsWhatTheCurrentThreadHolds() {
		assertThat(this.locks.isHeldByCurrentThread("stock:42")).isFalse();
		try (HeldLock lock = this.locks.acquire("stock:42", Duration.ZERO)) {
			assertThat(this.locks.isHeldByCurrentThread(lock.name())).isTrue();
			assertThat(this.locks.labelled("stock").isHeldByCurrentThread("stock:42")).isTrue();
			assertThat(this.elsewhere.isHeldByCurrentThread("stock:42")).isFalse();
		}
		assertThat(this.locks.isHeldByCurrentThread("stock:42")).isFalse();
	}

	@Test
	void listsWhatThisProcessHolds() {
		try (HeldLock other = this.elsewhere.acquire("stock:1", Duration.ZERO);
				HeldLock first = this.locks.labelled("stock").acquire("stock:42", Duration.ZERO);
				HeldLock second = this.locks.acquire("till", Duration.ZERO)) {
			this.engine.acquire(LeaseRequest.exclusive("election:leader", Duration.ZERO, Duration.ofSeconds(30)));
			assertThat(this.inspector.held()).extracting(HeldResource::resource).containsExactly("stock:42", "till");
			assertThat(this.inspector.held()).extracting(HeldResource::label)
				.containsExactly(new LeaseLabel("lock", "stock"), new LeaseLabel("lock", "by-hand"));
			assertThat(this.inspector.held()).extracting(HeldResource::token)
				.containsExactly(first.fencingToken(), second.fencingToken())
				.doesNotContain(other.fencingToken());
		}
		assertThat(this.inspector.held()).isEmpty();
	}

	@Test
	void releasesByForce() {
		HeldLock lock = this.locks.acquire("stock:42", Duration.ZERO);
		assertThat(this.inspector.forceRelease("stock:42"))
			.hasValueSatisfying((holders) -> assertThat(holders).singleElement()
				.satisfies((holder) -> assertThat(holder.fencingToken()).isEqualTo(lock.fencingToken())));
		assertThat(lock.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close).withMessageContaining("by force");
		assertThat(this.inspector.forceRelease("stock:42")).hasValue(List.of());
	}

	@Test
	void givesBackWhatIsLeftBehind() {
		HeldLock outer = this.locks.acquire("stock:42", Duration.ZERO);
		HeldLock inner = this.locks.acquire("stock:42", Duration.ZERO);
		HeldLock closed = this.locks.acquire("till", Duration.ZERO);
		closed.close();
		assertThat(this.inspector.giveBackAll()).containsExactly("stock:42");
		assertThat(this.inspector.giveBackAll()).isEmpty();
		assertThat(this.locks.status("stock:42").isHeld()).isFalse();
		assertThat(outer.isHeld()).isFalse();
		try (HeldLock again = this.locks.acquire("stock:42", Duration.ZERO)) {
			inner.close();
			outer.close();
			assertThat(again.isHeld()).isTrue();
			assertThat(this.locks.status("stock:42").isHeld()).isTrue();
		}
	}

	@Test
	void givesBackWhatFuturesAndPermitsHoldAndTakesFuturesOutOfTheLine() {
		HeldLock future = this.locks.acquireAsync(LockRequest.of("stock:42")).join();
		HeldLock permit = this.locks.labelled("import").semaphore("import", 2).acquire(Duration.ZERO);
		HeldLock closed = this.locks.acquireAsync(LockRequest.of("till")).join();
		closed.close();
		CompletableFuture<HeldLock> waiting = this.locks
			.acquireAsync(LockRequest.of("stock:42").waitTime(TestLocks.BOUND));
		assertThat(this.inspector.giveBackAll()).containsExactly("import", "stock:42", "stock:42");
		assertThat(this.inspector.giveBackAll()).isEmpty();
		assertThat(waiting).isCancelled();
		assertThat(future.isHeld()).isFalse();
		assertThat(permit.isHeld()).isFalse();
		future.close();
		permit.close();
		TestLocks.await(() -> !this.locks.status("stock:42").isHeld() && !this.locks.status("import").isHeld());
		assertThat(this.inspector.held()).isEmpty();
	}

	@Test
	void keepsNothingOfWhatFuturesAndPermitsHadAndLost() {
		this.locks.acquireAsync(LockRequest.of("stock:42")).join();
		this.locks.semaphore("import", 2).acquire(Duration.ZERO);
		assertThat(((LeasedLocks) this.locks).heldCount()).isEqualTo(2);
		assertThat(this.inspector.forceRelease("stock:42").orElseThrow()).hasSize(1);
		assertThat(this.inspector.forceRelease("import").orElseThrow()).hasSize(1);
		TestLocks.await(() -> ((LeasedLocks) this.locks).heldCount() == 0);
	}

	@Test
	void releasesWhatFuturesAndPermitsHoldByForceHoweverManyThereAre() {
		HeldLock future = this.locks.acquireAsync(LockRequest.of("stock:42")).join();
		assertThat(this.inspector.forceRelease("stock:42").orElseThrow()).hasSize(1);
		assertThat(future.isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(future::close).withMessageContaining("by force");
		List<HeldLock> permits = new ArrayList<>();
		LockSemaphore semaphore = this.locks.semaphore("import", 250);
		for (int i = 0; i < 250; i++) {
			permits.add(semaphore.tryAcquire().orElseThrow());
		}
		assertThat(LockInspector.of(this.elsewhere).forceRelease("import").orElseThrow()).hasSize(250);
		assertThat(this.locks.status("import").isHeld()).isFalse();
		for (HeldLock permit : permits) {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(permit::close);
		}
	}

	@Test
	void refusesOtherImplementations() {
		DistributedLocks others = mock();
		assertThatIllegalArgumentException().isThrownBy(() -> LockInspector.of(others));
	}

	@Test
	void refusesNamesThatNoLockCanHave() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.inspector.status(""));
		assertThatIllegalArgumentException().isThrownBy(() -> this.inspector.forceRelease("n".repeat(1025)));
	}

	@Test
	void saysIfTheStoreCannotLook() {
		try (LeaseEngine blind = engine(new TestStore())) {
			DistributedLocks locks = DistributedLocks.create(blind, LockSettings.defaults());
			assertThat(LockInspector.of(locks).status("stock")).isEmpty();
			assertThat(LockInspector.of(locks).forceRelease("stock")).isEmpty();
			assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> locks.status("stock"))
				.withMessageContaining("test");
		}
	}

	@Test
	void locksOfMethodsAreLabelledWithTheirNameWithoutTheKey() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.registerBean(DistributedLockBeanPostProcessor.class,
					() -> new DistributedLockBeanPostProcessor(() -> this.locks, LockSettings::defaults,
							this.engine::minLeaseTime));
			context.registerBean(Shop.class);
			context.refresh();
			Shop shop = context.getBean(Shop.class);
			shop.place("mug");
			assertThat(TestLocks.await(shop.later("mug"))).isEqualTo("mug");
			assertThat(shop.reactive("mug").block(TestLocks.BOUND)).isEqualTo("mug");
			shop.move("mug", "cup");
		}
		assertThat(this.labels).hasSize(5).containsOnly(new LeaseLabel("lock", "stock"));
	}

	private LeaseEngine engine(LeaseStore store) {
		return LeaseEngine.builder(store).shutdownTimeout(Duration.ZERO).observer((request, observed) -> {
			this.labels.add(request.label());
			return LeaseObservation.NONE;
		}).build();
	}

	static class Shop {

		@DistributedLock(name = "stock", key = "#sku")
		Optional<String> place(String sku) {
			return Optional.of(sku);
		}

		@DistributedLock(name = "stock", key = "#sku")
		CompletableFuture<String> later(String sku) {
			return CompletableFuture.completedFuture(sku);
		}

		@DistributedLock(name = "stock", key = "#sku")
		Mono<String> reactive(String sku) {
			return Mono.just(sku);
		}

		@DistributedLock(name = "stock", key = "{#from, #to}")
		void move(String from, String to) {
		}

	}

}
