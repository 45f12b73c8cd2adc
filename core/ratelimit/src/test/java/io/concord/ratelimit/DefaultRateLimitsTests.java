package io.concord.ratelimit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.StoreDecorator;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(60)
class DefaultRateLimitsTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private final StubStore store = new StubStore();

	/** Permits that are held at the end are waited for. */
	private final LeaseEngine engine = LeaseEngine.builder(new LocalLeaseStore())
		.shutdownTimeout(Duration.ofMillis(100))
		.build();

	private volatile int members = 1;

	private final StubStore share = new StubStore();

	private final AtomicLong nanos = new AtomicLong();

	private final DefaultRateLimits limits = new DefaultRateLimits(() -> this.store,
			new LeasedConcurrency(() -> this.engine, SECOND), () -> this.share, () -> this.members,
			new RateLimitSettings(Duration.ofSeconds(2), 0), this.nanos::get);

	@AfterEach
	void close() {
		this.limits.close();
		this.engine.close();
	}

	@Test
	void countsWhatItDecides() {
		this.limits.define(RateRule.builder("r").rate("3/h").build());
		assertThat(this.limits.tryAcquire("r", "k", 2).remaining()).isEqualTo(1);
		RateDecision refused = this.limits.tryAcquire("r", "k", 2);
		assertThat(refused.isAdmitted()).isFalse();
		assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(20));
		assertThatExceptionOfType(RateLimitedException.class).isThrownBy(refused::orElseThrow)
			.satisfies((ex) -> assertThat(ex.getRetryAfter()).isEqualTo(Duration.ofMinutes(20)))
			.withMessageContaining("'r'");
		assertThat(this.limits.tryAcquire("r", "other").isAdmitted()).isTrue();
		assertThat(this.limits.peek("r", "k").remaining()).isEqualTo(1);
		assertThat(this.limits.statistics("r")).isEqualTo(new RateLimitStatistics(2, 1, 0, 0, 0, 0, 0, 4, 0, 0));
	}

	@Test
	void refusesWhatCanNeverBe() {
		this.limits.define(RateRule.builder("r").rate("3/h").build());
		this.limits.define(RateRule.builder("fixed").rate("3/h").algorithm(RateAlgorithm.FIXED_WINDOW).build());
		assertThatExceptionOfType(UnknownRateRuleException.class).isThrownBy(() -> this.limits.tryAcquire("x", "k"))
			.withMessageContaining("'x'")
			.withMessageContaining("fixed, r");
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.tryAcquire("r", "k", 4))
			.withMessageContaining("burst");
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.tryAcquire("r", "k", 0));
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.acquire("fixed", "k", 1, SECOND))
			.withMessageContaining("token-bucket");
	}

	@Test
	void refusalThatIsKnownCostsNoCall() {
		this.limits.define(RateRule.builder("r").rate("10/s").burst(1).build());
		this.limits.tryAcquire("r", "k");
		for (int i = 0; i < 1_000; i++) {
			assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isFalse();
		}
		assertThat(this.store.calls).hasValue(2);
		forward(Duration.ofMillis(99));
		assertThat(this.limits.tryAcquire("r", "k").retryAfter()).isEqualTo(Duration.ofMillis(1));
		assertThat(this.store.calls).hasValue(2);
		forward(Duration.ofMillis(1));
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
	}

	@Test
	void knownRefusalHoldsForNoOtherQuestion() {
		this.limits.define(RateRule.builder("r").rate("10/h").burst(5).build());
		this.limits.tryAcquire("r", "k", 3);
		assertThat(this.limits.tryAcquire("r", "k", 4).isAdmitted()).isFalse();
		assertThat(this.limits.tryAcquire("r", "k", 2).isAdmitted()).isTrue();
		assertThat(this.limits.tryAcquire("r", "k", 1).isAdmitted()).isFalse();
		this.limits.reset("r", "k");
		assertThat(this.limits.tryAcquire("r", "k", 1).isAdmitted()).isTrue();
		this.limits.tryAcquire("r", "k", 4);
		assertThat(this.limits.tryAcquire("r", "k", 1).isAdmitted()).isFalse();
		this.limits.define(RateRule.builder("r").rate("10/h").burst(6).build());
		assertThat(this.limits.tryAcquire("r", "k", 1).isAdmitted()).isTrue();
	}

	/** Another process may have reset the key. */
	@Test
	void asksAgainAfterASecondAtTheLatest() {
		this.limits.define(RateRule.builder("r").rate("1/h").build());
		this.limits.tryAcquire("r", "k");
		this.limits.tryAcquire("r", "k");
		this.store.reset("r", "k", SECOND);
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isFalse();
		forward(SECOND);
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
	}

	@Test
	void threadsThatAskAtTheSameTimeShareACall() throws Exception {
		this.limits.define(RateRule.builder("r").rate("7/h").build());
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.store.before = () -> {
			begun.countDown();
			awaitIt(goOn);
		};
		ExecutorService threads = Executors.newCachedThreadPool();
		try {
			List<Future<RateDecision>> asking = new ArrayList<>();
			asking.add(threads.submit(() -> this.limits.tryAcquire("r", "k")));
			awaitIt(begun);
			List<Thread> lined = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				CompletableFuture<RateDecision> answer = new CompletableFuture<>();
				Thread thread = new Thread(() -> answer.complete(this.limits.tryAcquire("r", "k")));
				thread.start();
				lined.add(thread);
				asking.add(answer);
			}
			awaitUntil(() -> lined.stream().allMatch((thread) -> thread.getState() == Thread.State.TIMED_WAITING));
			goOn.countDown();
			int admitted = 0;
			for (Future<RateDecision> answer : asking) {
				admitted += answer.get().isAdmitted() ? 1 : 0;
			}
			assertThat(admitted).isEqualTo(7);
			assertThat(this.store.calls).hasValue(2);
			assertThat(this.store.peeks).hasValue(1);
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void failureOfASharedCallIsThatOfAll() throws Exception {
		this.limits.define(RateRule.builder("r").rate("7/h").build());
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.store.before = () -> {
			begun.countDown();
			awaitIt(goOn);
		};
		this.store.failure = "down";
		CompletableFuture<RateDecision> first = CompletableFuture.supplyAsync(() -> this.limits.tryAcquire("r", "k"));
		awaitIt(begun);
		CompletableFuture<RateDecision> second = this.limits.acquireAsync("r", "k", 1, Duration.ZERO);
		goOn.countDown();
		for (CompletableFuture<RateDecision> answer : List.of(first, second)) {
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(LeaseStoreException.class);
		}
		this.store.failure = null;
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
	}

	@Test
	void takesAheadAsManyAsTheRuleAllows() {
		this.limits.define(RateRule.builder("r").rate("100/s").overAdmission(0.05).build());
		for (int i = 0; i < 6; i++) {
			assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
		}
		assertThat(this.store.calls).hasValue(1);
		assertThat(this.limits.statistics("r").ahead()).isEqualTo(5);
		this.limits.tryAcquire("r", "k");
		assertThat(this.store.calls).hasValue(2);
		// What is not used within a tenth of the period is thrown away.
		forward(Duration.ofMillis(100));
		this.limits.tryAcquire("r", "k");
		assertThat(this.store.calls).hasValue(3);
		this.members = 3;
		this.limits.define(RateRule.builder("r").rate("100/s").burst(99).overAdmission(0.05).build());
		this.limits.tryAcquire("r", "k");
		this.limits.tryAcquire("r", "k");
		assertThat(this.store.calls).hasValue(4);
		this.limits.tryAcquire("r", "k");
		assertThat(this.store.calls).hasValue(5);
	}

	/** In every window at most the limit and the declared part of it. */
	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4 })
	void whatIsTakenAheadStaysWithinTheDeclaredPart(long seed) {
		int processes = 3;
		this.members = processes;
		RateRule rule = RateRule.builder("r")
			.algorithm(RateAlgorithm.SLIDING_WINDOW)
			.rate("100/s")
			.overAdmission(0.1)
			.build();
		List<DefaultRateLimits> nodes = new ArrayList<>();
		for (int i = 0; i < processes; i++) {
			DefaultRateLimits node = new DefaultRateLimits(() -> this.store,
					new LeasedConcurrency(() -> this.engine, SECOND), () -> this.share, () -> processes,
					new RateLimitSettings(SECOND, 0), this.nanos::get);
			node.define(rule);
			nodes.add(node);
		}
		Random random = new Random(seed);
		List<Long> admitted = new ArrayList<>();
		for (int i = 0; i < 6_000; i++) {
			forward(Duration.ofNanos(1_000L * random.nextInt(random.nextInt(40) == 0 ? 300_000 : 3_000)));
			if (nodes.get(random.nextInt(processes)).tryAcquire("r", "k").isAdmitted()) {
				admitted.add(this.store.micros);
			}
		}
		assertThat(this.store.calls.get()).isLessThan(admitted.size());
		int most = 0;
		int from = 0;
		for (int to = 0; to < admitted.size(); to++) {
			while (admitted.get(to) - admitted.get(from) >= 1_000_000) {
				from++;
			}
			most = Math.max(most, to - from + 1);
		}
		assertThat(most).isLessThanOrEqualTo(110);
		long overshoot = nodes.stream().mapToLong((node) -> node.statistics("r").overshoot()).sum();
		assertThat(overshoot).as("at most %d in a window", most).isBetween((long) most - 100, 9L);
		nodes.forEach(DefaultRateLimits::close);
	}

	@Test
	void overshootIsWhatWasUsedAndNotWhatMayBe() {
		this.limits.define(
				RateRule.builder("r").algorithm(RateAlgorithm.SLIDING_WINDOW).rate("100/s").overAdmission(0.1).build());
		// With enough in the store nobody is beyond the limit.
		for (int i = 0; i < 50; i++) {
			this.limits.tryAcquire("r", "k");
			forward(Duration.ofMillis((i % 2 == 0) ? 10 : 400));
		}
		assertThat(this.limits.statistics("r").ahead()).isPositive();
		assertThat(this.limits.statistics("r").overshoot()).isZero();
		forward(Duration.ofSeconds(5));
		while (this.limits.tryAcquire("r", "k").isAdmitted()) {
			forward(Duration.ofMillis(1));
		}
		assertThat(this.limits.statistics("r").overshoot()).isEqualTo(10);
	}

	@Test
	void tellsWhichKeysAreRefusedMost() {
		assertThat(this.limits.rules()).isEmpty();
		DefaultRateLimits counting = new DefaultRateLimits(() -> this.store,
				new LeasedConcurrency(() -> this.engine, SECOND), () -> this.share, () -> 1,
				new RateLimitSettings(SECOND, 2), this.nanos::get);
		counting.define(RateRule.builder("r").rate("1/h").build());
		for (int i = 0; i < 5; i++) {
			counting.tryAcquire("r", "often");
			counting.tryAcquire("r", (i % 2 == 0) ? "sometimes" : "now and then");
			counting.tryAcquire("r", "key-" + i);
		}
		counting.define(RateRule.builder("r").rate("1/m").build());
		assertThat(counting.topRefused("r")).containsExactly(new RefusedKey("often", 4, 0),
				new RefusedKey("sometimes", 2, 0));
		counting.close();
		this.limits.define(RateRule.builder("r").rate("1/h").build());
		this.limits.tryAcquire("r", "k");
		this.limits.tryAcquire("r", "k");
		assertThat(this.limits.topRefused("r")).isEmpty();
	}

	@Test
	void tellsListenersWhatIsDecided() {
		List<String> decided = new ArrayList<>();
		this.limits.addListener((decision) -> decided.add(decision.rule().name() + " " + decision.outcome()));
		this.limits.define(RateRule.builder("r").rate("1/h").build());
		this.limits.define(RateRule.builder("c").algorithm(RateAlgorithm.CONCURRENCY).limit(1).build());
		this.limits.tryAcquire("r", "k");
		this.limits.tryAcquire("r", "k");
		this.limits.tryAcquire("c", "k").close();
		assertThat(decided).containsExactly("r ADMITTED", "r REFUSED", "c ADMITTED");
	}

	/** To the store it is all the same whether one has died or reaches it no more. */
	@Test
	void permitOfOneThatHasDiedComesBack() {
		LeaseStore leases = new LocalLeaseStore();
		LeaseEngine dead = LeaseEngine.builder(new CutOff(leases))
			.storeTimeout(Duration.ofMillis(100))
			.shutdownTimeout(Duration.ofMillis(100))
			.build();
		LeaseEngine alive = LeaseEngine.builder(leases).shutdownTimeout(Duration.ofMillis(100)).build();
		RateRule rule = RateRule.builder("c").algorithm(RateAlgorithm.CONCURRENCY).limit(1).build();
		ConcurrencyLimits ofDead = new LeasedConcurrency(() -> dead, Duration.ofMillis(300));
		ConcurrencyLimits ofAlive = new LeasedConcurrency(() -> alive, SECOND);
		try {
			ConcurrencyLimits.Permit permit = ofDead.acquire(rule, "k", Duration.ZERO).orElseThrow();
			assertThat(ofAlive.acquire(rule, "k", Duration.ofSeconds(30))).isPresent();
			assertThat(permit.isHeld()).isFalse();
		}
		finally {
			dead.close();
			alive.close();
		}
	}

	@Test
	void waitsAndRefusesAtOnceWhoWouldWaitTooLong() {
		this.limits.define(RateRule.builder("r").rate("20/s").burst(1).build());
		this.limits.tryAcquire("r", "k");
		long start = System.nanoTime();
		assertThat(this.limits.acquire("r", "k", 1, Duration.ofMillis(60)).waited()).isEqualTo(Duration.ofMillis(50));
		assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000L);
		RateDecision refused = this.limits.acquire("r", "k", 1, Duration.ofMillis(60));
		assertThat(refused.isAdmitted()).isFalse();
		assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(40));
	}

	@Test
	void asyncWaitsParkNoThread() throws Exception {
		this.limits
			.define(RateRule.builder("r").rate("20/s").burst(1).algorithm(RateAlgorithm.LEAKY_BUCKET).burst(0).build());
		long start = System.nanoTime();
		List<CompletableFuture<RateDecision>> waiting = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			waiting.add(this.limits.acquireAsync("r", "k", 1, Duration.ofMinutes(1)));
		}
		// More than there are threads: the store has been asked by all of them.
		awaitUntil(() -> this.store.calls.get() == 40);
		assertThat(waiting.get(39)).isNotDone();
		for (CompletableFuture<RateDecision> answer : waiting.subList(0, 3)) {
			assertThat(answer.get(20, TimeUnit.SECONDS).isAdmitted()).isTrue();
		}
		assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(100_000_000L);
		waiting.forEach((answer) -> answer.cancel(true));
	}

	@Test
	void waitThatOutlivesTheEndOfTheLimitsIsOverAllTheSame() throws Exception {
		this.limits
			.define(RateRule.builder("r").rate("2/s").burst(1).algorithm(RateAlgorithm.LEAKY_BUCKET).burst(0).build());
		this.limits.tryAcquire("r", "k");
		CompletableFuture<RateDecision> waiting = this.limits.acquireAsync("r", "k", 1, Duration.ofMinutes(1));
		awaitUntil(() -> this.store.calls.get() == 2);
		this.limits.close();
		assertThat(waiting.get(20, TimeUnit.SECONDS).isAdmitted()).isTrue();
	}

	@Test
	void interruptedWhileItWaits() {
		this.limits.define(RateRule.builder("r").rate("1/m").build());
		this.limits.tryAcquire("r", "k");
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(LeaseInterruptedException.class)
			.isThrownBy(() -> this.limits.acquire("r", "k", 1, Duration.ofMinutes(1)));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void longKeysAreHashed() {
		this.limits.define(RateRule.builder("r").rate("1/h").build());
		this.limits.tryAcquire("r", "x".repeat(200));
		assertThat(this.store.lastKey).hasSize(200);
		String key = "x".repeat(100_000);
		this.limits.tryAcquire("r", key);
		assertThat(this.store.lastKey).hasSizeLessThan(50);
		assertThat(this.limits.tryAcquire("r", key).isAdmitted()).isFalse();
		assertThat(this.limits.tryAcquire("r", key + "x").isAdmitted()).isTrue();
		assertThat(this.limits.peek("r", key).isAdmitted()).isFalse();
		this.limits.reset("r", key);
		assertThat(this.limits.tryAcquire("r", key).isAdmitted()).isTrue();
	}

	@Test
	void storeThatIsDownIsLeftAlone() {
		this.limits.define(RateRule.builder("closed").rate("1/s").build());
		this.limits.define(RateRule.builder("open").rate("1/s").onFailure(RateRule.OnFailure.OPEN).build());
		this.store.failure = "down";
		for (int i = 0; i < 100; i++) {
			assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> this.limits.tryAcquire("closed", "k"));
			assertThat(this.limits.tryAcquire("open", "k").outcome()).isEqualTo(RateDecision.Outcome.UNCHECKED);
		}
		assertThat(this.store.calls).hasValueLessThanOrEqualTo(5);
		assertThat(this.limits.statistics("open").unchecked()).isEqualTo(100);
		assertThat(this.limits.statistics("closed").failed()).isEqualTo(100);
		this.store.failure = null;
		awaitUntil(() -> this.limits.tryAcquire("open", "k").outcome() != RateDecision.Outcome.UNCHECKED);
	}

	@Test
	void partOfTheLimitHoldsWhileTheStoreIsDown() {
		this.limits.define(RateRule.builder("r").rate("1/h").onFailure(RateRule.OnFailure.SHARE).build());
		this.store.failure = "down";
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isFalse();
		assertThat(this.limits.statistics("r")).isEqualTo(new RateLimitStatistics(1, 1, 0, 0, 0, 2, 0, 2, 0, 0));
		this.store.failure = null;
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isTrue();
	}

	@Test
	void shadowOnlyCounts() {
		this.limits.define(RateRule.builder("r").rate("1/h").shadow(true).build());
		assertThat(this.limits.tryAcquire("r", "k").outcome()).isEqualTo(RateDecision.Outcome.ADMITTED);
		assertThat(this.limits.acquire("r", "k", 1, SECOND).outcome()).isEqualTo(RateDecision.Outcome.SHADOWED);
		this.store.failure = "down";
		assertThat(this.limits.tryAcquire("r", "new").outcome()).isEqualTo(RateDecision.Outcome.UNCHECKED);
		assertThat(this.limits.statistics("r").shadowed()).isEqualTo(1);
		this.limits.define(RateRule.builder("r").rate("1/h").build());
		assertThat(this.limits.statistics("r").shadowed()).isEqualTo(1);
		this.store.failure = null;
		assertThat(this.limits.tryAcquire("r", "k").isAdmitted()).isFalse();
	}

	@Test
	void concurrencyIsLeased() throws Exception {
		this.limits.define(RateRule.builder("c").algorithm(RateAlgorithm.CONCURRENCY).limit(2).build());
		RateDecision one = this.limits.tryAcquire("c", "k");
		RateDecision two = this.limits.acquireAsync("c", "k", 1, Duration.ZERO).get(20, TimeUnit.SECONDS);
		assertThat(List.of(one, two)).allMatch(RateDecision::isAdmitted);
		assertThat(this.limits.tryAcquire("c", "k").isAdmitted()).isFalse();
		assertThat(this.limits.peek("c", "k").remaining()).isZero();
		assertThat(this.limits.tryAcquire("c", "other").isAdmitted()).isTrue();
		CompletableFuture<RateDecision> waiting = this.limits.acquireAsync("c", "k", 1, Duration.ofSeconds(30));
		assertThat(this.limits.statistics("c").held()).isEqualTo(3);
		assertThat(one.isHeld()).isTrue();
		one.close();
		one.close();
		assertThat(one.isHeld()).isFalse();
		assertThat(this.limits.statistics("c").held()).isEqualTo(2);
		assertThat(waiting.get(20, TimeUnit.SECONDS).isAdmitted()).isTrue();
		assertThat(this.limits.tryAcquire("c", "k").isAdmitted()).isFalse();
		this.limits.reset("c", "k");
		assertThat(this.limits.peek("c", "k").remaining()).isEqualTo(2);
		assertThatIllegalArgumentException().isThrownBy(() -> this.limits.tryAcquire("c", "k", 2));
	}

	private void forward(Duration time) {
		this.nanos.addAndGet(time.toNanos());
		this.store.micros += time.toNanos() / 1_000;
	}

	private static void awaitIt(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void awaitUntil(BooleanSupplier condition) {
		long end = System.nanoTime() + 20_000_000_000L;
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).isLessThan(end);
			Thread.onSpinWait();
		}
	}

	/** A store that is out of reach once something was granted. */
	private static final class CutOff extends StoreDecorator {

		CutOff(LeaseStore store) {
			super(store);
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			throw new LeaseStoreException("out of reach");
		}

	}

}
