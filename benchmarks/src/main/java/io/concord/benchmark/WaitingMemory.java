package io.concord.benchmark;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What it costs a process when many wait for one lock.
 */
final class WaitingMemory {

	private static final String KEY = "awaited";

	private static final long SMALL_STACK = 256 * 1024;

	private static final long LOOK_MILLIS = 500;

	private static final int LOOKS = 60;

	private WaitingMemory() {
	}

	/**
	 * Has many wait for a lock that a thread of this process holds, and measures when
	 * nothing moves any more. They go on waiting: the process is of no use afterwards.
	 * @param asObjects whether they wait without a thread each
	 * @return bytes of heap, number of threads and resident bytes that came with them,
	 * separated by commas
	 */
	static String measure(Locks locks, boolean asObjects, int number) throws Exception {
		CountDownLatch held = new CountDownLatch(1);
		thread(() -> {
			locks.acquire(KEY);
			held.countDown();
			new CountDownLatch(1).await();
		});
		if (!held.await(10, TimeUnit.SECONDS)) {
			throw new IllegalStateException("The lock was not to be had");
		}
		long heap = settledHeap();
		long resident = resident();
		int threads = threads();
		for (int i = 0; i < number; i++) {
			if (asObjects) {
				((Joinable) locks).join(KEY);
			}
			else {
				thread(() -> locks.acquire(KEY));
			}
		}
		long heapAfter = settledHeap();
		return (heapAfter - heap) + "," + (threads() - threads) + "," + (resident() - resident);
	}

	private static void thread(ThrowingRunnable body) {
		Thread thread = new Thread(null, () -> {
			try {
				body.run();
			}
			catch (Exception ex) {
				ex.printStackTrace();
			}
		}, "waits", SMALL_STACK);
		thread.setDaemon(true);
		thread.start();
	}

	/** What is used when two looks in a row find the same but for a hundredth. */
	private static long settledHeap() throws InterruptedException {
		long before = usedHeap();
		for (int i = 0; i < LOOKS; i++) {
			TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
			long now = usedHeap();
			if (Math.abs(now - before) < before / 100) {
				return now;
			}
			before = now;
		}
		return before;
	}

	private static long usedHeap() {
		System.gc();
		return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
	}

	private static int threads() {
		return ManagementFactory.getThreadMXBean().getThreadCount();
	}

	private static long resident() throws IOException {
		return Files.readAllLines(Path.of("/proc/self/status"))
			.stream()
			.filter((line) -> line.startsWith("VmRSS:"))
			.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
			.findFirst()
			.orElse(0);
	}

	/** Locks whose line can be joined without a thread that waits. */
	interface Joinable {

		/** Joins the line of a lock. */
		void join(String key);

	}

	private interface ThrowingRunnable {

		void run() throws Exception;

	}

}
