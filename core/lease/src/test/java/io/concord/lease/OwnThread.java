package io.concord.lease;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Runs what may block on a thread of its own: the common pool has one thread on a small
 * machine.
 */
public final class OwnThread {

	private OwnThread() {
	}

	public static <T> CompletableFuture<T> supply(Supplier<T> task) {
		return CompletableFuture.supplyAsync(task, OwnThread::start);
	}

	public static CompletableFuture<Void> run(Runnable task) {
		return CompletableFuture.runAsync(task, OwnThread::start);
	}

	private static void start(Runnable task) {
		new Thread(task, "test").start();
	}

}
