package io.concord.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Does something as often as several threads can in a given time.
 */
final class Throughput {

	private Throughput() {
	}

	/**
	 * Measures.
	 * @param threads how many
	 * @param works what each thread does, by its number
	 * @param begin when to begin, on the host's monotonic clock
	 * @param nanos for how long
	 * @return how much was done within that time. Threads that have to wait past its end
	 * are waited for, and what they do then counts nothing.
	 */
	static long count(int threads, IntFunction<Work> works, long begin, long nanos) throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(threads);
		try {
			List<Future<Long>> counts = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				counts.add(pool.submit(loop(works.apply(i), begin, begin + nanos)));
			}
			long sum = 0;
			for (Future<Long> count : counts) {
				sum += count.get(2, TimeUnit.MINUTES);
			}
			return sum;
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
		finally {
			pool.shutdownNow();
		}
	}

	private static Callable<Long> loop(Work work, long begin, long end) {
		return () -> {
			long wait;
			while ((wait = begin - System.nanoTime()) > 0) {
				LockSupport.parkNanos(wait);
			}
			long count = 0;
			while (true) {
				long done = work.run();
				if (System.nanoTime() - end >= 0) {
					return count;
				}
				count += done;
			}
		};
	}

	/** What is counted. */
	interface Work {

		/** Does it once, and returns how much that was. */
		long run() throws Exception;

	}

}
