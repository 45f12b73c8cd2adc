package io.concord.lease;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Runs calls of a client library that can't be bounded in time on the caller's thread,
 * for stores that have such a client: a connection pool that waits half a minute, a
 * socket without time-out, an embedded database that a stopped process has locked. The
 * caller waits for its time-out and no longer; it is deaf to interruption meanwhile, as
 * an interrupt inside a file channel would close an embedded database.
 *
 * <p>
 * A fixed number of daemon threads does the calls. If all are stuck, a call that was
 * never begun is withdrawn and fails as certainly not applied; one that was begun has an
 * unknown outcome. Thread-safe.
 */
public final class BoundedCalls implements AutoCloseable {

	private static final Duration IDLE = Duration.ofSeconds(20);

	private final String store;

	private final ThreadPoolExecutor threads;

	/**
	 * Creates a pool of threads.
	 * @param store what the calls go to, for messages and thread names
	 * @param maxThreads how many calls may be under way at once
	 */
	public BoundedCalls(String store, int maxThreads) {
		this.store = store;
		AtomicInteger number = new AtomicInteger();
		this.threads = new ThreadPoolExecutor(maxThreads, maxThreads, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				new LinkedBlockingQueue<>(), (task) -> {
					Thread thread = new Thread(task, "concord-" + store + "-" + number.incrementAndGet());
					thread.setDaemon(true);
					return thread;
				});
		this.threads.allowCoreThreadTimeOut(true);
	}

	/**
	 * Makes a call.
	 * @param <T> type of the answer
	 * @param call what to do; throws {@link LeaseStoreException} or what the client
	 * throws
	 * @param timeout how long to wait for it
	 * @return what the call returned
	 * @throws LeaseOutcomeUnknownException if the call was begun and had not ended in
	 * time
	 * @throws LeaseStoreException if it was not sent
	 */
	public <T> T call(Function<Gate, T> call, Duration timeout) {
		Gate gate = new Gate("one of " + this.threads.getMaximumPoolSize()
				+ " threads: all wait for an answer or for a connection. The store is stuck, or its connection pool is"
				+ " too small");
		FutureTask<T> task = new FutureTask<>(() -> call.apply(gate));
		try {
			this.threads.execute(task);
		}
		catch (RejectedExecutionException ex) {
			throw new LeaseStoreException("The store " + this.store + " has been closed", ex);
		}
		long end = System.nanoTime() + timeout.toNanos();
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return task.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (TimeoutException ex) {
			if (gate.close()) {
				this.threads.remove(task);
				throw new LeaseStoreException("Nothing was sent to " + this.store + " within " + timeout.toMillis()
						+ " ms, for want of " + gate.wanted);
			}
			throw new LeaseOutcomeUnknownException(
					"No answer from " + this.store + " within " + timeout.toMillis() + " ms");
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof LeaseStoreException failure) {
				throw failure;
			}
			if (ex.getCause() instanceof Error error) {
				throw error;
			}
			throw new LeaseOutcomeUnknownException("A call to " + this.store + " failed: " + ex.getCause(),
					ex.getCause());
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Override
	public void close() {
		this.threads.shutdown();
	}

	/**
	 * The point of no return of a call: either the call passes it or its caller gives up,
	 * but never both.
	 */
	public static final class Gate {

		private final AtomicBoolean taken = new AtomicBoolean();

		/** Kept by the thread that makes the call, read by the caller. */
		private volatile String wanted;

		private Gate(String wanted) {
			this.wanted = wanted;
		}

		/**
		 * Says what the call waits for before it passes.
		 * @param what goes on after "for want of"
		 */
		public void wants(String what) {
			this.wanted = what;
		}

		/**
		 * To be called once, just before the request is sent.
		 * @throws LeaseStoreException if the caller has given up: nothing must be sent
		 */
		public void pass() {
			if (!this.taken.compareAndSet(false, true)) {
				throw new LeaseStoreException("The caller has given up");
			}
		}

		private boolean close() {
			return this.taken.compareAndSet(false, true);
		}

	}

}
