package io.concord.lock;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

import io.concord.lease.LeaseEngine;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Locks on a real engine over a store with switches, and a second thread.
 */
final class TestLocks implements AutoCloseable {

	static final Duration BOUND = Duration.ofSeconds(20);

	static final Duration SHORT_LEASE = Duration.ofSeconds(1);

	final TestStore store;

	final LeaseEngine engine;

	final LeasedLocks locks;

	/** Locks whose leases end soon. */
	final LeasedLocks shortLocks;

	private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

	final Thread other = new Thread(() -> {
		try {
			while (true) {
				this.tasks.take().run();
			}
		}
		catch (InterruptedException ex) {
			// The end.
		}
	}, "other");

	TestLocks() {
		this(new TestStore());
	}

	/** Locks of another process on the same store. */
	TestLocks(TestStore store) {
		this.store = store;
		this.engine = LeaseEngine.builder(store)
			.storeTimeout(Duration.ofMillis(100))
			.shutdownTimeout(Duration.ZERO)
			.build();
		this.locks = new LeasedLocks(() -> this.engine, new LockSettings(BOUND, Duration.ofSeconds(20)));
		this.shortLocks = new LeasedLocks(() -> this.engine, new LockSettings(BOUND, SHORT_LEASE));
		this.other.setDaemon(true);
		this.other.start();
	}

	<T> CompletableFuture<T> startElsewhere(Callable<T> action) {
		CompletableFuture<T> result = new CompletableFuture<>();
		this.tasks.add(() -> {
			try {
				result.complete(action.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
			// Not to disturb the queue.
			Thread.interrupted();
		});
		return result;
	}

	<T> T elsewhere(Callable<T> action) {
		return await(startElsewhere(action));
	}

	static <T> T await(CompletableFuture<T> result) {
		try {
			return result.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException unchecked) {
				throw unchecked;
			}
			throw new AssertionError(ex.getCause());
		}
		catch (InterruptedException | TimeoutException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * Waits until a lock is lost for certain: one that is suspect for a moment, as this
	 * process stood still between two looks at its clocks, isn't held either.
	 */
	static void awaitLoss(HeldLock lock) {
		CompletableFuture<String> lost = new CompletableFuture<>();
		lock.onLost(lost::complete);
		await(lost);
	}

	static void await(BooleanSupplier condition) {
		long end = System.nanoTime() + BOUND.toNanos();
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as("within " + BOUND).isLessThan(end);
			Thread.onSpinWait();
		}
	}

	/** Waits until the other thread stands in line. */
	void awaitOtherInLine() {
		await(() -> Arrays.stream(this.other.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().equals("io.concord.lease.Waiter")
					&& frame.getMethodName().equals("await")));
	}

	boolean isFree(String name) {
		return elsewhere(() -> this.locks.tryAcquire(name).map((lock) -> {
			lock.close();
			return true;
		}).orElse(false));
	}

	@Override
	public void close() {
		this.other.interrupt();
		this.store.failure = null;
		this.store.forgetful = false;
		this.engine.close();
	}

}
