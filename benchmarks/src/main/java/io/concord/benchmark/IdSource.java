package io.concord.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * What gives ids, and how it is called. Thread-safe.
 */
final class IdSource {

	/** Ids between two looks at the time, which would cost more than some ids do. */
	private static final int CALLS = 64;

	/** Shares of all calls, of which a wait is at least as long as that of this share. */
	private static final double[] SHARES = { 0.5, 0.99, 0.999, 0.9999, 1 };

	private final Ids ids;

	/** So that no compiler leaves out what nobody uses. */
	private volatile long sink;

	IdSource(Ids ids) {
		this.ids = ids;
	}

	/**
	 * What a thread does.
	 * @param thread its number
	 * @return takes some ids
	 */
	Throughput.Work work(int thread) {
		LongSupplier next = this.ids.next();
		return () -> {
			long all = thread;
			for (int i = 0; i < CALLS; i++) {
				all ^= next.getAsLong();
			}
			this.sink = all;
			return CALLS * (long) this.ids.perCall();
		};
	}

	/**
	 * Measures how long calls take, one after the other on this thread.
	 * @param nanos for how long
	 * @return ns that half of all calls, 99, 99.9, 99.99 of a hundred, and all took at
	 * most, to a sixteenth
	 */
	List<Long> waits(long nanos) {
		LongSupplier next = this.ids.next();
		Histogram histogram = new Histogram();
		long begin = System.nanoTime();
		long before = begin;
		long all = 0;
		while (before - begin < nanos) {
			all ^= next.getAsLong();
			long now = System.nanoTime();
			histogram.add(now - before);
			before = now;
		}
		this.sink = all;
		List<Long> percentiles = new ArrayList<>();
		for (double share : SHARES) {
			percentiles.add(histogram.percentile(share));
		}
		return percentiles;
	}

	/**
	 * A generator.
	 *
	 * @param perCall how many ids a call gives
	 * @param forThread creates what a thread calls
	 */
	record Ids(int perCall, java.util.function.Supplier<LongSupplier> forThread) {

		static Ids of(LongSupplier next) {
			return new Ids(1, () -> next);
		}

		LongSupplier next() {
			return this.forThread.get();
		}

	}

	/** Counts of times, in buckets whose bounds are a sixteenth apart. */
	static final class Histogram {

		private static final int DETAIL_BITS = 4;

		private final long[] counts = new long[Long.SIZE << DETAIL_BITS];

		private long all;

		void add(long value) {
			this.counts[bucket(Math.max(0, value))]++;
			this.all++;
		}

		/** The greatest value of the bucket in which the share is reached. */
		long percentile(double share) {
			long rank = Math.max(1, (long) Math.ceil(share * this.all));
			long seen = 0;
			for (int i = 0; i < this.counts.length; i++) {
				seen += this.counts[i];
				if (seen >= rank) {
					return greatest(i);
				}
			}
			throw new IllegalStateException("Nothing was measured");
		}

		private static int bucket(long value) {
			int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(value) - 1 - DETAIL_BITS);
			return (shift << DETAIL_BITS) + (int) (value >> shift);
		}

		private static long greatest(int bucket) {
			int shift = Math.max(0, (bucket >> DETAIL_BITS) - 1);
			return ((bucket - ((long) shift << DETAIL_BITS) + 1) << shift) - 1;
		}

	}

}
