package io.concord.lock;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LockViewTests {

	private final TestLocks test = new TestLocks();

	private final LeasedLocks locks = this.test.locks;

	private final Lock lock = this.locks.asLock("a");

	@AfterEach
	void close() {
		this.test.close();
	}

	@Test
	void excludesOthersUntilUnlocked() {
		this.lock.lock();
		assertThat(this.test.isFree("a")).isFalse();
		assertThat(this.test.elsewhere(() -> this.lock.tryLock())).isFalse();
		this.lock.unlock();
		assertThat(this.test.elsewhere(() -> this.lock.tryLock())).isTrue();
	}

	@Test
	void isReentrantTogetherWithOtherWaysToAcquire() {
		this.lock.lock();
		int calls = this.test.store.calls();
		assertThat(this.lock.tryLock()).isTrue();
		this.locks.acquire("a", Duration.ZERO).close();
		this.lock.unlock();
		assertThat(this.test.store.calls()).isEqualTo(calls);
		assertThat(this.test.isFree("a")).isFalse();
		this.lock.unlock();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void viewsOfTheSameNameAreOneLock() {
		this.locks.asLock("a").lock();
		this.locks.asLock("a").unlock();
		assertThat(this.test.isFree("a")).isTrue();
		assertThat(this.locks.heldCount()).isZero();
	}

	@Test
	void unlocksOnlyWhatThisThreadLocked() {
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(this.lock::unlock)
			.withMessage("Lock 'a' was not locked by this thread");
		this.lock.lock();
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> this.test.elsewhere(() -> {
			this.lock.unlock();
			return true;
		}));
		assertThat(this.test.isFree("a")).isFalse();
		this.lock.unlock();
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(this.lock::unlock);
	}

	@Test
	void doesNotUnlockWhatWasAcquiredAsHeldLock() {
		try (HeldLock held = this.locks.acquire("a", Duration.ZERO)) {
			assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(this.lock::unlock);
			assertThat(held.isHeld()).isTrue();
		}
	}

	@Test
	void tryLockWithTimeWaitsThatLong() throws Exception {
		HeldLock held = this.locks.acquire("a", Duration.ZERO);
		assertThat(this.test.elsewhere(() -> this.lock.tryLock(20, TimeUnit.MILLISECONDS))).isFalse();
		assertThat(this.test.elsewhere(() -> this.lock.tryLock(-1, TimeUnit.DAYS))).isFalse();
		CompletableFuture<Boolean> waiting = this.test
			.startElsewhere(() -> this.lock.tryLock(Long.MAX_VALUE, TimeUnit.DAYS));
		this.test.awaitOtherInLine();
		held.close();
		assertThat(TestLocks.await(waiting)).isTrue();
	}

	@Test
	void lockIsNotInterruptibleAndRestoresTheFlag() {
		HeldLock held = this.locks.acquire("a", Duration.ZERO);
		CompletableFuture<Boolean> waiting = this.test.startElsewhere(() -> {
			this.lock.lock();
			boolean interrupted = Thread.interrupted();
			this.lock.unlock();
			return interrupted;
		});
		this.test.awaitOtherInLine();
		this.test.other.interrupt();
		this.test.awaitOtherInLine();
		assertThat(waiting).isNotDone();
		held.close();
		assertThat(TestLocks.await(waiting)).isTrue();
	}

	@Test
	void lockInterruptiblyLeavesTheLine() {
		HeldLock held = this.locks.acquire("a", Duration.ZERO);
		CompletableFuture<Boolean> waiting = this.test.startElsewhere(() -> {
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(this.lock::lockInterruptibly);
			return Thread.currentThread().isInterrupted();
		});
		this.test.awaitOtherInLine();
		this.test.other.interrupt();
		assertThat(TestLocks.await(waiting)).isFalse();
		held.close();
		assertThat(this.test.isFree("a")).isTrue();
	}

	@Test
	void interruptedThreadIsToldBeforeItWaits() {
		assertThat(this.test.elsewhere(() -> {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> this.lock.tryLock(1, TimeUnit.SECONDS));
			return Thread.currentThread().isInterrupted();
		})).isFalse();
		assertThat(this.test.store.claims).hasValue(0);
	}

	@Test
	void unlockOfLostLockThrows() {
		this.lock.lock();
		this.test.store.forgetful = true;
		assertThatExceptionOfType(LockLostException.class).isThrownBy(this.lock::unlock);
		assertThat(this.locks.heldCount()).isZero();
	}

	@Test
	void hasNoConditions() {
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(this.lock::newCondition);
	}

}
