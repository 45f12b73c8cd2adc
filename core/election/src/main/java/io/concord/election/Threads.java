package io.concord.election;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads of all elections of a node: a timer on which nothing waits, and as many others
 * as there is to wait for, which is little. After they are closed, what is asked for is
 * not done.
 */
final class Threads implements Executor, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Threads.class);

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named("timer"));

	/** A thread for each, as nobody knows what listeners do. */
	private final ThreadPoolExecutor workers = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS,
			new SynchronousQueue<>(), named("worker"));

	Threads() {
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
	}

	@Override
	public void execute(Runnable task) {
		try {
			this.workers.execute(() -> run(task));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("Not run, as the elections are closed", ex);
		}
	}

	/** Runs something that may wait after some time. */
	@Nullable ScheduledFuture<?> schedule(Duration delay, Runnable task) {
		try {
			return this.timer.schedule(() -> execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("Not scheduled, as the elections are closed", ex);
			return null;
		}
	}

	private static void run(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			logger.error("A task of an election failed", ex);
		}
	}

	@Override
	public void close() {
		this.timer.shutdown();
		this.workers.shutdown();
	}

	private static ThreadFactory named(String name) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, "concord-election-" + name + "-" + number.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

}
