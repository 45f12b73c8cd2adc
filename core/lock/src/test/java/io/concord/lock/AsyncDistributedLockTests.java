package io.concord.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

import io.concord.invocation.Otherwise;
import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Locks that are acquired without a thread that waits, and methods that return before
 * their work is done.
 */
class AsyncDistributedLockTests {

	private final TestLocks test = new TestLocks();

	private final List<AnnotationConfigApplicationContext> contexts = new ArrayList<>();

	@AfterEach
	void close() {
		this.contexts.forEach(AnnotationConfigApplicationContext::close);
		this.test.close();
	}

	// By hand

	@Test
	void acquiresAndGivesBack() {
		HeldLock lock = TestLocks.await(this.test.locks.acquireAsync(LockRequest.of("a")));
		assertThat(lock.isHeld()).isTrue();
		assertThat(this.test.locks.tryAcquire("a")).as("it belongs to no thread").isEmpty();
		lock.close();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void failsIfItIsNotToBeHadInTime() {
		HeldLock lock = TestLocks.await(this.test.locks.acquireAsync(LockRequest.allOf(List.of("b", "c"))));
		assertThatExceptionOfType(LockUnavailableException.class)
			.isThrownBy(() -> TestLocks.await(
					this.test.locks.acquireAsync(LockRequest.allOf(List.of("a", "c")).waitTime(Duration.ofMillis(20)))))
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("a, c"));
		assertThat(this.test.isFree("a")).isTrue();
		lock.close();
		this.test.store.failure = new LeaseStoreException("down");
		assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> TestLocks.await(this.test.locks.acquireAsync(LockRequest.of("a"))));
	}

	@Test
	void cancelledAcquisitionLeavesTheLineAndGivesBackWhatItHas() {
		HeldLock lock = this.test.locks.acquire("b", Duration.ZERO);
		CompletableFuture<HeldLock> waiting = this.test.locks
			.acquireAsync(LockRequest.allOf(List.of("a", "b")).waitTime(TestLocks.BOUND));
		TestLocks.await(() -> this.test.locks.tryAcquire("a").map((free) -> {
			free.close();
			return false;
		}).orElse(true));
		waiting.cancel(true);
		TestLocks.await(() -> this.test.isFree("a"));
		lock.close();
		TestLocks.await(() -> this.test.isFree("b"));
	}

	// CompletionStage

	@Test
	void holdsUntilTheStageHasCompleted() {
		Shop shop = start();
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletableFuture<String> result = shop.future(work, null);
		TestLocks.await(() -> shop.runs.get() == 1);
		assertThat(this.test.isFree("async")).isFalse();
		assertThat(result).isNotDone();
		work.complete("done");
		assertThat(TestLocks.await(result)).isEqualTo("done");
		assertThat(this.test.isFree("async")).as("given back before the result was there").isTrue();
		assertThat(shop.token.get()).isPositive();
	}

	@Test
	void givesBackIfTheStageFailsOrTheMethodThrows() {
		Shop shop = start();
		assertThatIllegalStateException()
			.isThrownBy(() -> TestLocks
				.await(shop.future(CompletableFuture.failedFuture(new IllegalStateException("no")), null)))
			.withMessage("no");
		assertThat(this.test.isFree("async")).isTrue();
		assertThatIllegalStateException().isThrownBy(() -> TestLocks.await(shop.future(null, null)))
			.withMessage("thrown, not returned");
		assertThat(this.test.isFree("async")).isTrue();
	}

	@Test
	void cancellingTheResultCancelsTheWorkOrTheWait() {
		Shop shop = start();
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletableFuture<String> result = shop.future(work, null);
		TestLocks.await(() -> shop.runs.get() == 1);
		CompletableFuture<String> waiting = shop.future(new CompletableFuture<>(), null);
		waiting.cancel(true);
		result.cancel(true);
		TestLocks.await(work::isCancelled);
		TestLocks.await(() -> this.test.isFree("async"));
		assertThat(shop.runs).hasValue(1);
	}

	@Test
	void callsRunOneAfterTheOther() {
		Shop shop = start();
		List<CompletableFuture<String>> work = new ArrayList<>();
		List<CompletableFuture<String>> results = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			work.add(new CompletableFuture<>());
			results.add(shop.future(work.get(i), null));
		}
		for (int i = 0; i < 5; i++) {
			int runs = i + 1;
			TestLocks.await(() -> shop.runs.get() == runs);
			work.get(shop.current.get()).complete("done");
		}
		results.forEach(TestLocks::await);
	}

	@Test
	void otherwiseAppliesToStages() {
		Shop shop = start();
		HeldLock held = this.test.locks.acquire("async", Duration.ZERO);
		assertThat(TestLocks.await(shop.skipped().toCompletableFuture())).isNull();
		assertThat(TestLocks.await(shop.replaced().toCompletableFuture())).isEqualTo("instead of async");
		assertThatExceptionOfType(LockUnavailableException.class)
			.isThrownBy(() -> TestLocks.await(shop.refused().toCompletableFuture()));
		held.close();
		assertThat(TestLocks.await(shop.skipped().toCompletableFuture())).isEqualTo("ran");
	}

	@Test
	void lossOfTheLockFailsTheResult() {
		Shop shop = start(this.test.shortLocks);
		CompletableFuture<String> work = new CompletableFuture<>();
		CompletableFuture<String> result = shop.future(work, null);
		TestLocks.await(() -> shop.runs.get() == 1);
		this.test.store.forgetful = true;
		HeldLock held = Objects.requireNonNull(shop.held.get());
		TestLocks.awaitLoss(held);
		work.complete("done");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> TestLocks.await(result));
	}

	// Reactor

	@Test
	void monoAcquiresAtSubscriptionAndHoldsUntilItEnds() {
		Shop shop = start();
		Sinks.One<String> work = Sinks.one();
		Mono<String> mono = shop.mono(work.asMono(), null);
		assertThat(this.test.isFree("async")).isTrue();
		CompletableFuture<String> result = mono.toFuture();
		TestLocks.await(() -> shop.runs.get() == 1);
		assertThat(this.test.isFree("async")).isFalse();
		work.tryEmitValue("done");
		assertThat(TestLocks.await(result)).isEqualTo("done");
		assertThat(this.test.isFree("async")).isTrue();
		assertThat(mono.block(TestLocks.BOUND)).as("again").isEqualTo("done");
		assertThat(shop.runs).hasValue(2);
		assertThatIllegalStateException()
			.isThrownBy(() -> shop.mono(Mono.error(new IllegalStateException("no")), null).block(TestLocks.BOUND))
			.withMessage("no");
		assertThat(this.test.isFree("async")).isTrue();
	}

	@Test
	void fluxHoldsUntilItHasEndedOrIsCancelled() {
		Shop shop = start();
		Sinks.Many<String> work = Sinks.many().unicast().onBackpressureBuffer();
		List<String> seen = new ArrayList<>();
		Disposable subscription = shop.flux(work.asFlux()).subscribe(seen::add);
		TestLocks.await(() -> shop.runs.get() == 1);
		work.tryEmitNext("one");
		TestLocks.await(() -> seen.size() == 1);
		assertThat(this.test.isFree("async")).isFalse();
		subscription.dispose();
		TestLocks.await(() -> this.test.isFree("async"));
		assertThat(shop.flux(Flux.just("a", "b")).collectList().block(TestLocks.BOUND)).containsExactly("a", "b");
		assertThat(this.test.isFree("async")).isTrue();
	}

	@Test
	void cancelledSubscriptionLeavesTheLine() {
		Shop shop = start();
		HeldLock held = this.test.locks.acquire("async", Duration.ZERO);
		Disposable waiting = shop.mono(Mono.just("never"), null).subscribe();
		waiting.dispose();
		held.close();
		TestLocks.await(() -> this.test.isFree("async"));
		assertThat(shop.runs).hasValue(0);
	}

	@Test
	void reactiveMethodsAreReentrantAlongTheContext() {
		Shop shop = start();
		List<Long> tokens = new ArrayList<>();
		Mono<String> nested = shop.mono(Mono.defer(() -> {
			tokens.add(shop.token.get());
			return shop.mono(Mono.fromSupplier(() -> {
				tokens.add(shop.token.get());
				return "inner";
			}), null);
		}), null);
		assertThat(nested.block(TestLocks.BOUND)).isEqualTo("inner");
		assertThat(tokens).hasSize(2).doesNotContainNull();
		assertThat(tokens.get(0)).isEqualTo(tokens.get(1));
		assertThat(this.test.store.claims).hasValue(1);
	}

	@Test
	void otherwiseAppliesToPublishers() {
		Shop shop = start();
		HeldLock held = this.test.locks.acquire("async", Duration.ZERO);
		assertThat(shop.skippedMono().blockOptional(TestLocks.BOUND)).isEmpty();
		assertThat(shop.replacedFlux().collectList().block(TestLocks.BOUND)).containsExactly("instead");
		assertThatExceptionOfType(LockUnavailableException.class)
			.isThrownBy(() -> shop.refusedMono().block(TestLocks.BOUND));
		held.close();
		LockUnavailableException own = new LockUnavailableException("another", Duration.ZERO);
		assertThatExceptionOfType(LockUnavailableException.class).as("not for that of another lock inside")
			.isThrownBy(() -> shop.failingSkippedMono(own).block(TestLocks.BOUND))
			.isSameAs(own);
	}

	@Test
	void noThreadWaitsForALock() {
		Shop shop = start();
		HeldLock held = this.test.locks.acquire("async", Duration.ZERO);
		int before = Thread.activeCount();
		List<CompletableFuture<String>> results = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			results.add(shop.future(CompletableFuture.completedFuture("done"), null));
		}
		assertThat(Thread.activeCount() - before).isLessThan(12);
		held.close();
		results.forEach(TestLocks::await);
		assertThat(shop.runs).hasValue(1_000);
	}

	private Shop start() {
		return start(this.test.locks);
	}

	private Shop start(DistributedLocks locks) {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.registerBean(DistributedLockBeanPostProcessor.class,
				() -> new DistributedLockBeanPostProcessor(() -> locks,
						() -> new LockSettings(TestLocks.BOUND, Duration.ofSeconds(20)), () -> Duration.ofMillis(200)));
		Shop shop = new Shop();
		context.registerBean(Shop.class, () -> shop);
		context.refresh();
		this.contexts.add(context);
		Shop proxy = context.getBean(Shop.class);
		proxy.use(shop);
		return proxy;
	}

	static class Shop {

		AtomicInteger runs = new AtomicInteger();

		AtomicInteger current = new AtomicInteger(-1);

		AtomicReference<@Nullable Long> token = new AtomicReference<>();

		AtomicReference<@Nullable HeldLock> held = new AtomicReference<>();

		/** The fields of a proxy are not those of its target. */
		final void use(Shop target) {
			this.runs = target.runs;
			this.current = target.current;
			this.token = target.token;
			this.held = target.held;
		}

		@DistributedLock(name = "async")
		public CompletableFuture<String> future(@Nullable CompletableFuture<String> work, @Nullable HeldLock lock) {
			entered(lock);
			if (work == null) {
				throw new IllegalStateException("thrown, not returned");
			}
			return work;
		}

		@DistributedLock(name = "async", waitTime = "0", otherwise = Otherwise.SKIP)
		public CompletionStage<String> skipped() {
			return CompletableFuture.completedFuture("ran");
		}

		@DistributedLock(name = "async", waitTime = "0", otherwise = Otherwise.FALLBACK, fallback = "instead")
		public CompletionStage<String> replaced() {
			return CompletableFuture.completedFuture("ran");
		}

		CompletionStage<String> instead(LockUnavailableException why) {
			return CompletableFuture.completedFuture("instead of " + why.getName());
		}

		@DistributedLock(name = "async", waitTime = "0")
		public CompletionStage<String> refused() {
			return CompletableFuture.completedFuture("ran");
		}

		@DistributedLock(name = "async")
		public Mono<String> mono(Mono<String> work, @Nullable HeldLock lock) {
			entered(lock);
			return work;
		}

		@DistributedLock(name = "async")
		public Flux<String> flux(Flux<String> work) {
			entered(null);
			return work;
		}

		@DistributedLock(name = "async", waitTime = "0", otherwise = Otherwise.SKIP)
		public Mono<String> skippedMono() {
			return Mono.just("ran");
		}

		@DistributedLock(name = "async", waitTime = "0", otherwise = Otherwise.SKIP)
		public Mono<String> failingSkippedMono(RuntimeException failure) {
			return Mono.error(failure);
		}

		@DistributedLock(name = "async", waitTime = "0")
		public Mono<String> refusedMono() {
			return Mono.just("ran");
		}

		@DistributedLock(name = "async", waitTime = "0", otherwise = Otherwise.FALLBACK, fallback = "insteadFlux")
		public Flux<String> replacedFlux() {
			return Flux.just("ran");
		}

		Flux<String> insteadFlux() {
			return Flux.just("instead");
		}

		private void entered(@Nullable HeldLock lock) {
			this.held.set(lock);
			this.token.set((lock != null) ? lock.fencingToken() : null);
			this.current.incrementAndGet();
			this.runs.incrementAndGet();
		}

	}

}
