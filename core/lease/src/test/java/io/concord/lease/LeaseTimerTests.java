package io.concord.lease;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LeaseTimerTests {

	private static final long HOUR = TimeUnit.HOURS.toNanos(1);

	private final AtomicReference<Thread> thread = new AtomicReference<>();

	private final LeaseTimer timer = new LeaseTimer((task) -> {
		Thread made = new Thread(task, "timer under test");
		made.setDaemon(true);
		this.thread.set(made);
		return made;
	});

	@AfterEach
	void close() {
		this.timer.close();
	}

	@Test
	void runsInTheOrderOfTheirTimes() throws InterruptedException {
		List<Integer> order = new CopyOnWriteArrayList<>();
		CountDownLatch done = new CountDownLatch(3);
		for (int number : List.of(3, 1, 2)) {
			this.timer.after(TimeUnit.MILLISECONDS.toNanos(20 * number), () -> {
				order.add(number);
				done.countDown();
			});
		}
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(order).containsExactly(1, 2, 3);
	}

	@Test
	void runsNothingBeforeItsTime() throws InterruptedException {
		long nanos = TimeUnit.MILLISECONDS.toNanos(50);
		long begin = System.nanoTime();
		CountDownLatch done = new CountDownLatch(1);
		this.timer.after(nanos, done::countDown);
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(nanos);
	}

	@Test
	void runsWhatComesBeforeTheOneItSleepsFor() throws InterruptedException {
		this.timer.after(HOUR, () -> {
		});
		awaitSleep();
		assertThat(ran(0)).isTrue();
	}

	@Test
	void wakesOfItselfForTheNextAfterOneThatWasCancelled() throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		LeaseTimer.Tick first = after(TimeUnit.MILLISECONDS.toNanos(100), () -> {
			throw new AssertionError("It was cancelled");
		});
		awaitSleep();
		first.cancel();
		this.timer.after(TimeUnit.MILLISECONDS.toNanos(200), done::countDown);
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void cancelsWhatHasNotBegun() throws InterruptedException {
		List<String> run = new CopyOnWriteArrayList<>();
		LeaseTimer.Tick tick = after(TimeUnit.MILLISECONDS.toNanos(50), () -> run.add("cancelled"));
		tick.cancel();
		CountDownLatch later = new CountDownLatch(1);
		this.timer.after(TimeUnit.MILLISECONDS.toNanos(100), later::countDown);
		assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(run).isEmpty();
	}

	@Test
	void goesOnAfterFailuresOfWhateverKind() throws InterruptedException {
		this.timer.after(0, () -> {
			throw new IllegalStateException("planted");
		});
		this.timer.after(0, () -> {
			throw new StackOverflowError("planted");
		});
		assertThat(ran(TimeUnit.MILLISECONDS.toNanos(1))).isTrue();
	}

	@Test
	void whatRunsMayAddAndCancel() throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		LeaseTimer.Tick never = after(HOUR, () -> {
		});
		this.timer.after(0, () -> {
			never.cancel();
			this.timer.after(0, done::countDown);
		});
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void endsItsThreadAndTakesNothingMoreWhenClosed() throws InterruptedException {
		this.timer.after(HOUR, () -> {
		});
		this.timer.close();
		Thread ended = Objects.requireNonNull(this.thread.get());
		ended.join(Duration.ofSeconds(10).toMillis());
		assertThat(ended.isAlive()).isFalse();
		assertThat(this.timer.after(0, () -> {
		})).isNull();
	}

	private LeaseTimer.Tick after(long nanos, Runnable task) {
		return Objects.requireNonNull(this.timer.after(nanos, task));
	}

	private boolean ran(long nanos) throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		this.timer.after(nanos, done::countDown);
		return done.await(10, TimeUnit.SECONDS);
	}

	private void awaitSleep() {
		Thread sleeper = Objects.requireNonNull(this.thread.get());
		while (sleeper.getState() != Thread.State.TIMED_WAITING) {
			Thread.onSpinWait();
		}
	}

}
