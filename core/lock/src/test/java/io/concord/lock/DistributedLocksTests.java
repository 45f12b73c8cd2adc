package io.concord.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.List;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.local.LocalLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

@SuppressWarnings("try")
class DistributedLocksTests {

	private final TestLocks test = new TestLocks();

	private final LeasedLocks locks = this.test.locks;

	@AfterEach
	void close() {
		this.test.close();
	}

	@Test
	void askingWhetherItIsHeldAsksNoStore() {
		HeldLock lock = this.locks.tryAcquire("a").orElseThrow();
		this.test.store.failure = new LeaseStoreException("down");
		int calls = this.test.store.calls();
		for (int i = 0; i < 1_000; i++) {
			assertThat(lock.isHeld()).isTrue();
		}
		assertThat(this.test.store.calls()).isEqualTo(calls);
		this.test.store.failure = null;
		lock.close();
	}

	@Test
	void tryAcquireTakesFreeLockOnly() {
		HeldLock lock = this.locks.tryAcquire("a").orElseThrow();
		assertThat(lock.name()).isEqualTo("a");
		assertThat(lock.isHeld()).isTrue();
		assertThat(lock.fencingToken()).isPositive();
		assertThat(this.test.elsewhere(() -> this.locks.tryAcquire("a"))).isEmpty();
		assertThat(this.test.isFree("b")).isTrue();
		lock.close();
		assertThat(lock.isHeld()).isFalse();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void tokenGrowsFromHolderToHolder() {
		long first;
		try (HeldLock lock = this.locks.acquire("a", Duration.ZERO)) {
			first = lock.fencingToken();
		}
		try (HeldLock lock = this.locks.acquire("a", Duration.ZERO)) {
			assertThat(lock.fencingToken()).isGreaterThan(first);
		}
	}

	@Test
	void acquireWaitsForTheHolder() {
		HeldLock lock = this.locks.acquire("a", Duration.ZERO);
		CompletableFuture<HeldLock> waiting = this.test.startElsewhere(() -> this.locks.acquire("a", TestLocks.BOUND));
		this.test.awaitOtherInLine();
		assertThat(waiting).isNotDone();
		lock.close();
		assertThat(TestLocks.await(waiting).isHeld()).isTrue();
	}

	@Test
	void acquireThrowsIfTheLockIsNotToBeHadInTime() {
		try (HeldLock lock = this.locks.acquire("a", Duration.ZERO)) {
			assertThatExceptionOfType(LockUnavailableException.class)
				.isThrownBy(() -> this.test.elsewhere(() -> this.locks.acquire("a", Duration.ofMillis(50))))
				.withMessage("Lock 'a' is held elsewhere and was not to be had within 50 ms")
				.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("a"))
				.satisfies((ex) -> assertThat(ex.getWaited()).isEqualTo(Duration.ofMillis(50)));
		}
	}

	@Test
	void acquiresUnderItsOwnPrefix() {
		try (HeldLock lock = this.locks.acquire("a", Duration.ZERO)) {
			assertThat(this.test.store.lastClaim().resource()).isEqualTo("lock:a");
			assertThat(this.test.store.lastClaim().limit()).isOne();
			assertThat(this.test.store.lastClaim().ttl()).isEqualTo(Duration.ofSeconds(20));
		}
	}

	@Test
	void lockRenewsItself() {
		try (HeldLock lock = this.test.shortLocks.acquire("a", Duration.ZERO)) {
			long end = System.nanoTime() + TestLocks.SHORT_LEASE.multipliedBy(2).toNanos();
			TestLocks.await(() -> System.nanoTime() > end);
			assertThat(lock.isHeld()).isTrue();
			assertThat(this.test.isFree("a")).isFalse();
		}
	}

	@Test
	void lockWithLeaseTimeEnds() {
		HeldLock lock = this.locks.acquire(LockRequest.of("a").leaseTime(TestLocks.SHORT_LEASE));
		assertThat(this.test.store.lastClaim().ttl()).isEqualTo(TestLocks.SHORT_LEASE);
		CompletableFuture<String> reason = new CompletableFuture<>();
		lock.onLost(reason::complete);
		assertThat(TestLocks.await(reason)).contains("1000 ms");
		assertThat(lock.isHeld()).isFalse();
		TestLocks.await(() -> this.test.isFree("a"));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close);
	}

	@Test
	void nestedAcquisitionAsksNoStoreAndKeepsToken() {
		try (HeldLock outer = this.locks.acquire("a", Duration.ZERO)) {
			int calls = this.test.store.calls();
			try (HeldLock inner = this.locks.acquire("a", Duration.ofSeconds(1));
					HeldLock tried = this.locks.tryAcquire("a").orElseThrow();
					HeldLock timed = this.locks.acquire(LockRequest.of("a").leaseTime(Duration.ofSeconds(1)))) {
				assertThat(inner.fencingToken()).isEqualTo(outer.fencingToken());
				assertThat(tried.fencingToken()).isEqualTo(outer.fencingToken());
				assertThat(timed.fencingToken()).isEqualTo(outer.fencingToken());
			}
			assertThat(this.test.store.calls()).isEqualTo(calls);
			assertThat(outer.isHeld()).isTrue();
			assertThat(this.test.isFree("a")).isFalse();
		}
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void lastOneClosedReleasesWhateverTheOrder() {
		HeldLock outer = this.locks.acquire("a", Duration.ZERO);
		HeldLock inner = this.locks.acquire("a", Duration.ZERO);
		outer.close();
		assertThat(outer.isHeld()).isFalse();
		assertThat(inner.isHeld()).isTrue();
		assertThat(this.test.isFree("a")).isFalse();
		inner.close();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void closeIsIdempotent() {
		HeldLock outer = this.locks.acquire("a", Duration.ZERO);
		HeldLock inner = this.locks.acquire("a", Duration.ZERO);
		inner.close();
		inner.close();
		assertThat(outer.isHeld()).isTrue();
		outer.close();
		outer.close();
		assertThat(this.test.store.releases).hasValue(1);
	}

	@Test
	void lockClosedByAnotherThreadIsNoLongerReentrant() {
		HeldLock lock = this.locks.acquire("a", Duration.ZERO);
		this.test.elsewhere(() -> {
			lock.close();
			return this.locks.acquire("a", Duration.ZERO);
		});
		assertThat(this.locks.tryAcquire("a")).isEmpty();
	}

	@Test
	void keepsNothingOfThreadsThatHoldNothing() {
		HeldLock outer = this.locks.acquire("a", Duration.ZERO);
		HeldLock inner = this.locks.acquire("a", Duration.ZERO);
		HeldLock other = this.locks.acquire("b", Duration.ZERO);
		assertThat(this.locks.heldCount()).isEqualTo(2);
		inner.close();
		this.test.elsewhere(() -> {
			other.close();
			return true;
		});
		outer.close();
		assertThat(this.locks.heldCount()).isZero();
	}

	@Test
	void lossIsToldAndShownAtClose() {
		HeldLock lock = this.test.shortLocks.acquire("a", Duration.ZERO);
		CompletableFuture<String> reason = new CompletableFuture<>();
		lock.onLost((lost) -> reason.complete(lost + " " + lock.isHeld()));
		this.test.store.forgetful = true;
		assertThat(TestLocks.await(reason)).isEqualTo("the store has no record of it any more false");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close)
			.withMessage("Lock 'a' with fencing token " + lock.fencingToken()
					+ " was lost: the store has no record of it any more")
			.satisfies((ex) -> assertThat(ex.getName()).isEqualTo("a"))
			.satisfies((ex) -> assertThat(ex.getFencingToken()).isEqualTo(lock.fencingToken()))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo("the store has no record of it any more"));
		assertThatNoException().isThrownBy(lock::close);
	}

	@Test
	void lossThatOnlyTheReleaseFindsHasAReason() {
		HeldLock lock = this.locks.acquire("a", Duration.ZERO);
		this.test.store.forgetful = true;
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::close)
			.withMessageEndingWith("was lost: the store had no record of it when it was released");
	}

	@Test
	void nestedAcquisitionOfLostLockThrows() {
		HeldLock outer = this.test.shortLocks.acquire("a", Duration.ZERO);
		HeldLock inner = this.test.shortLocks.acquire("a", Duration.ZERO);
		CompletableFuture<String> reason = new CompletableFuture<>();
		inner.onLost(reason::complete);
		this.test.store.forgetful = true;
		TestLocks.await(reason);
		assertThatExceptionOfType(LockLostException.class)
			.isThrownBy(() -> this.test.shortLocks.acquire("a", Duration.ZERO));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.test.shortLocks.tryAcquire("a"));
		assertThatExceptionOfType(LockLostException.class).isThrownBy(inner::close);
		assertThatExceptionOfType(LockLostException.class).isThrownBy(outer::close);
		assertThat(this.test.shortLocks.heldCount()).isZero();
	}

	@Test
	void listenerOfClosedLockIsNotCalled() {
		HeldLock outer = this.test.shortLocks.acquire("a", Duration.ZERO);
		HeldLock inner = this.test.shortLocks.acquire("a", Duration.ZERO);
		AtomicInteger told = new AtomicInteger();
		inner.onLost((reason) -> told.incrementAndGet());
		inner.close();
		CompletableFuture<String> last = new CompletableFuture<>();
		outer.onLost(last::complete);
		this.test.store.forgetful = true;
		TestLocks.await(last);
		assertThat(told).hasValue(0);
	}

	@Test
	void unconfirmedReleaseIsNoLoss() {
		HeldLock lock = this.locks.acquire("a", Duration.ZERO);
		this.test.store.failure = new LeaseOutcomeUnknownException("no answer");
		assertThatNoException().isThrownBy(lock::close);
		assertThat(lock.isHeld()).isFalse();
		assertThat(this.locks.heldCount()).isZero();
	}

	@Test
	void failureOfStoreIsThrown() {
		this.test.store.failure = new LeaseStoreException("down");
		assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> this.locks.tryAcquire("a"))
			.withMessage("down");
		assertThat(this.locks.heldCount()).isZero();
	}

	@Test
	void interruptedWaiterLeavesTheLineWithItsFlagSet() {
		HeldLock lock = this.locks.acquire("a", Duration.ZERO);
		CompletableFuture<Boolean> waiting = this.test.startElsewhere(() -> {
			assertThatExceptionOfType(LeaseInterruptedException.class)
				.isThrownBy(() -> this.locks.acquire("a", TestLocks.BOUND));
			return Thread.currentThread().isInterrupted();
		});
		this.test.awaitOtherInLine();
		this.test.other.interrupt();
		assertThat(TestLocks.await(waiting)).isTrue();
		lock.close();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void refusesEmptyAndOverlongNames() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.locks.tryAcquire(""))
			.withMessage("The name of a lock must not be empty. Name what is locked.");
		String tooLong = "n".repeat(10_240);
		assertThatIllegalArgumentException().isThrownBy(() -> this.locks.acquire(tooLong, Duration.ZERO))
			.withMessageContaining("(10240 characters)")
			.withMessageContaining("Use a shorter one")
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(300));
		assertThatIllegalArgumentException().isThrownBy(() -> this.locks.asLock(tooLong));
		assertThat(this.locks.tryAcquire("n".repeat(1_024))).isPresent();
	}

	@Test
	void refusesNegativeWaitAlsoIfHeld() {
		try (HeldLock lock = this.locks.acquire("a", Duration.ZERO)) {
			assertThatIllegalArgumentException().isThrownBy(() -> this.locks.acquire("a", Duration.ofMillis(-1)))
				.withMessageContaining("must not be negative: PT-0.001S")
				.withMessageContaining("Use zero");
		}
	}

	@Test
	void refusesLeaseShorterThanTwiceTheStoreTimeout() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.locks.acquire(LockRequest.of("a").leaseTime(Duration.ofMillis(199))))
			.withMessageContaining("at least twice the store's time-out of 100 ms");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> DistributedLocks.create(this.test.engine,
					new LockSettings(Duration.ZERO, Duration.ofMillis(199))))
			.withMessageContaining("199 ms, must be at least 200 ms");
	}

	@Test
	void settingsRefuseNonsense() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new LockSettings(Duration.ofMillis(-1), Duration.ofSeconds(30)))
			.withMessageContaining("must not be negative");
		assertThatIllegalArgumentException().isThrownBy(() -> new LockSettings(Duration.ZERO, Duration.ZERO))
			.withMessageContaining("must be positive");
		assertThat(LockSettings.defaults()).isEqualTo(new LockSettings(Duration.ofSeconds(10), Duration.ofSeconds(30)));
	}

	@Test
	void excludesThreads() throws Exception {
		int threads = 8;
		int rounds = 50;
		int[] counter = new int[1];
		CountDownLatch start = new CountDownLatch(1);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try (LeaseEngine engine = LeaseEngine.builder(new LocalLeaseStore()).build()) {
			DistributedLocks locks = DistributedLocks.create(engine, LockSettings.defaults());
			List<Future<?>> results = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				results.add(executor.submit(() -> {
					start.await();
					for (int round = 0; round < rounds; round++) {
						try (HeldLock lock = locks.acquire("a", TestLocks.BOUND)) {
							int seen = counter[0];
							Thread.yield();
							counter[0] = seen + 1;
						}
					}
					return Optional.empty();
				}));
			}
			start.countDown();
			for (Future<?> result : results) {
				result.get(TestLocks.BOUND.toSeconds(), TimeUnit.SECONDS);
			}
			assertThat(counter[0]).isEqualTo(threads * rounds);
		}
		finally {
			executor.shutdownNow();
		}
	}

}
