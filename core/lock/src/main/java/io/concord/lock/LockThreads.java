package io.concord.lock;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Threads that give back the locks of asynchronous methods, as many as are needed at the
 * moment, each for as long as a call to the store takes. They end by themselves.
 */
final class LockThreads {

	static final Executor EXECUTOR = executor();

	private LockThreads() {
	}

	private static Executor executor() {
		AtomicInteger number = new AtomicInteger();
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), (task) -> {
			Thread thread = new Thread(task, "concord-lock-" + number.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		});
	}

}
