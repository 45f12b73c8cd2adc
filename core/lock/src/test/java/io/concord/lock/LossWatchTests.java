package io.concord.lock;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import io.concord.lease.Fence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class LossWatchTests {

	private final ExecutorService engine = Executors.newSingleThreadExecutor();

	private final List<Object> events = new CopyOnWriteArrayList<>();

	@AfterEach
	void endThread() {
		this.engine.shutdownNow();
		Thread.interrupted();
	}

	@Test
	void interruptsTheMethod() {
		FakeLock lock = new FakeLock();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> watch(lock, OnLost.INTERRUPT).call(() -> {
			this.engine.execute(() -> lock.lose("gone"));
			return new CountDownLatch(1).await(60, TimeUnit.SECONDS);
		}, null))
			.withMessageContaining("gone")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(InterruptedException.class));
		assertThat(Thread.interrupted()).isFalse();
		TestLocks.await(() -> !this.events.isEmpty());
		assertThat(this.events).containsExactly(new LockLostEvent("fake", 7, "gone"));
	}

	@Test
	void methodThatIgnoresTheInterruptDoesNotReturn() {
		FakeLock lock = new FakeLock();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> watch(lock, OnLost.INTERRUPT).call(() -> {
			lock.lose("gone");
			assertThat(Thread.interrupted()).isTrue();
			return "as if nothing had happened";
		}, null));
		assertThat(Thread.interrupted()).isFalse();
	}

	@Test
	void keepsAnInterruptThatWasThereBefore() {
		FakeLock lock = new FakeLock();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> watch(lock, OnLost.INTERRUPT).call(() -> {
			Thread.currentThread().interrupt();
			lock.lose("gone");
			return true;
		}, null));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void interruptOfOthersIsLeftAlone() throws Throwable {
		assertThat(watch(new FakeLock(), OnLost.INTERRUPT).call(() -> {
			Thread.currentThread().interrupt();
			return "done";
		}, null)).isEqualTo("done");
		assertThat(Thread.interrupted()).isTrue();
	}

	/** The loss comes at any moment around the end of the method. */
	@Test
	void interruptNeverReachesTheNextTaskOfTheThread() throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(2);
		AtomicInteger interruptedInside = new AtomicInteger();
		AtomicInteger lost = new AtomicInteger();
		for (int round = 0; round < 3_000; round++) {
			FakeLock lock = new FakeLock();
			int pause = round % 50;
			this.engine.submit(() -> {
				barrier.await();
				spin(pause);
				lock.lose("gone");
				return barrier.await();
			});
			try {
				watch(lock, OnLost.INTERRUPT).call(() -> {
					barrier.await();
					spin(25);
					if (Thread.currentThread().isInterrupted()) {
						interruptedInside.incrementAndGet();
					}
					return true;
				}, null);
			}
			catch (LockLostException ex) {
				lost.incrementAndGet();
			}
			catch (Throwable ex) {
				throw new AssertionError(ex);
			}
			// What a thread of a pool does next: it waits, here for the loss to be told.
			barrier.await();
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
		assertThat(interruptedInside).hasPositiveValue();
		assertThat(lost).hasValueBetween(interruptedInside.get(), 3_000);
	}

	private static void spin(int times) {
		for (int i = 0; i < times * 20; i++) {
			Thread.onSpinWait();
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "EVENT")
	void lossEndsInAnException(OnLost onLost) {
		FakeLock lock = new FakeLock();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> watch(lock, onLost).call(() -> {
			this.engine.execute(() -> lock.lose("gone"));
			// The interrupt comes before the event.
			TestLocks.await(() -> !this.events.isEmpty());
			return "done";
		}, null)).satisfies((ex) -> assertThat(ex.getReason()).isEqualTo("gone"));
		assertThat(this.events).hasSize(1);
	}

	@Test
	void eventLetsTheMethodReturn() throws Throwable {
		FakeLock lock = new FakeLock();
		assertThat(watch(lock, OnLost.EVENT).call(() -> {
			lock.lose("gone");
			return "done";
		}, null)).isEqualTo("done");
		assertThat(this.events).containsExactly(new LockLostEvent("fake", 7, "gone"));
	}

	@ParameterizedTest
	@EnumSource
	void whatTheMethodThrowsWinsOverTheLoss(OnLost onLost) {
		FakeLock lock = new FakeLock();
		if (onLost == OnLost.INTERRUPT) {
			// Interrupted before, so not by the loss.
			Thread.currentThread().interrupt();
		}
		assertThatIllegalStateException().isThrownBy(() -> watch(lock, onLost).call(() -> {
			lock.lose("gone");
			throw new IllegalStateException("no stock");
		}, null))
			.satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(LockLostException.class));
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "EVENT")
	void methodThatHidesTheLossDoesNotReturn(OnLost onLost) {
		FakeLock lock = new FakeLock();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> watch(lock, onLost).call(() -> {
			lock.lose("gone");
			try {
				lock.close();
			}
			catch (LockLostException ex) {
				Thread.interrupted();
			}
			return "done";
		}, null));
	}

	@ParameterizedTest
	@EnumSource
	void lossThatTheReleaseFindsOutIsPublished(OnLost onLost) throws Throwable {
		FakeLock lock = new FakeLock();
		LossWatch watch = watch(lock, onLost);
		try {
			watch.call(() -> {
				lock.lost = "no record of it";
				return "done";
			}, null);
			assertThat(onLost).isEqualTo(OnLost.EVENT);
		}
		catch (LockLostException ex) {
			assertThat(onLost).isNotEqualTo(OnLost.EVENT);
		}
		assertThat(this.events).containsExactly(new LockLostEvent("fake", 7, "no record of it"));
		assertThat(Thread.interrupted()).isFalse();
	}

	@Test
	void failingListenerHarmsNobody() {
		FakeLock lock = new FakeLock();
		LossWatch watch = new LossWatch(lock, OnLost.ROLLBACK, (event) -> {
			throw new IllegalStateException("listener");
		});
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> watch.call(() -> {
			lock.lose("gone");
			return true;
		}, null));
		assertThat(lock.closed).isTrue();
	}

	private LossWatch watch(FakeLock lock, OnLost onLost) {
		return new LossWatch(lock, onLost, this.events::add);
	}

	private static final class FakeLock implements HeldLock {

		private volatile @Nullable Consumer<String> listener;

		private volatile @Nullable String lost;

		private volatile boolean closed;

		void lose(String reason) {
			this.lost = reason;
			Consumer<String> listener = this.listener;
			if (listener != null) {
				listener.accept(reason);
			}
		}

		@Override
		public String name() {
			return "fake";
		}

		@Override
		public long fencingToken() {
			return 7;
		}

		@Override
		public Fence fence() {
			return new Fence("lock:fake", 7, "owner", 1);
		}

		@Override
		public boolean isHeld() {
			return this.lost == null && !this.closed;
		}

		@Override
		public void onLost(Consumer<String> listener) {
			this.listener = listener;
		}

		@Override
		public void close() {
			String reason = this.lost;
			if (!this.closed) {
				this.closed = true;
				if (reason != null) {
					throw new LockLostException("fake", 7, reason);
				}
			}
		}

	}

}
