package io.concord.loadbalancer;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts events of the last ten seconds and how many of them were marked. Lock-free: a
 * slot is one word of (second, marked, all), so a slot of an older second is replaced as
 * a whole.
 */
final class RecentCounts {

	static final int SECONDS = 10;

	private static final int COUNT_BITS = 20;

	private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

	private static final long SECOND_MASK = (1L << 24) - 1;

	private final AtomicLongArray slots = new AtomicLongArray(SECONDS);

	/** Adds to both numbers; each stops at a million a second. */
	void add(long now, int all, int marked) {
		long second = second(now);
		int index = (int) (second % SECONDS);
		while (true) {
			long old = this.slots.get(index);
			long base = isOf(old, second) ? old : (second << (2 * COUNT_BITS));
			long sum = Math.min(COUNT_MASK, (base & COUNT_MASK) + all);
			long sumMarked = Math.min(COUNT_MASK, ((base >>> COUNT_BITS) & COUNT_MASK) + marked);
			if (this.slots.compareAndSet(index, old, (second << (2 * COUNT_BITS)) | (sumMarked << COUNT_BITS) | sum)) {
				return;
			}
		}
	}

	long all(long now) {
		return sum(now, 0);
	}

	long marked(long now) {
		return sum(now, COUNT_BITS);
	}

	void clear() {
		for (int i = 0; i < SECONDS; i++) {
			this.slots.set(i, 0);
		}
	}

	private long sum(long now, int shift) {
		long second = second(now);
		long sum = 0;
		for (int back = 0; back < SECONDS; back++) {
			long wanted = (second - back) & SECOND_MASK;
			long slot = this.slots.get((int) (wanted % SECONDS));
			if (isOf(slot, wanted)) {
				sum += (slot >>> shift) & COUNT_MASK;
			}
		}
		return sum;
	}

	private static boolean isOf(long slot, long second) {
		return (slot >>> (2 * COUNT_BITS)) == second;
	}

	/**
	 * The clock starts anywhere, also below zero. When its seconds run over, counts are
	 * lost once.
	 */
	private static long second(long now) {
		return Math.floorDiv(now, TimeUnit.SECONDS.toNanos(1)) & SECOND_MASK;
	}

}
