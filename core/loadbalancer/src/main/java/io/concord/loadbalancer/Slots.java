package io.concord.loadbalancer;

/**
 * Weights laid out as a round of slots, each with the index of who has it, so that a
 * weighted choice costs the same for any number of instances and no lock.
 *
 * <p>
 * Whole weights whose sum is small get exactly as many slots. Otherwise each gets its
 * share of {@link #length}, rounded, and at least one. The slots of one instance lie
 * evenly in the round: the k-th of c is at (k + phase) / c of it, where phases of
 * different instances are as different as those of multiples of the golden ratio, so that
 * instances with few slots don't meet at the same place.
 */
final class Slots {

	private static final int FEWEST = 4096;

	private static final int PER_INSTANCE = 16;

	private static final int MOST = 1 << 18;

	private static final double GOLDEN = 0.6180339887498949;

	private Slots() {
	}

	/**
	 * Lays out a round.
	 * @param weights all positive, at least one
	 * @return who has which slot
	 */
	static int[] of(double[] weights) {
		int[] counts = counts(weights);
		int length = 0;
		for (int count : counts) {
			length += count;
		}
		// Counting sort by place: a round has as many places as slots.
		int[] starts = new int[length + 1];
		for (int i = 0; i < counts.length; i++) {
			for (int k = 0; k < counts[i]; k++) {
				starts[place(i, k, counts[i], length) + 1]++;
			}
		}
		for (int place = 0; place < length; place++) {
			starts[place + 1] += starts[place];
		}
		int[] slots = new int[length];
		for (int i = 0; i < counts.length; i++) {
			for (int k = 0; k < counts[i]; k++) {
				slots[starts[place(i, k, counts[i], length)]++] = i;
			}
		}
		return slots;
	}

	private static int place(int index, int k, int count, int length) {
		double phase = (index * GOLDEN) % 1;
		return Math.min(length - 1, (int) ((k + phase) / count * length));
	}

	private static int[] counts(double[] weights) {
		double sum = 0;
		boolean whole = true;
		for (double weight : weights) {
			sum += weight;
			whole &= weight == Math.rint(weight);
		}
		int length = length(weights.length);
		int[] counts = new int[weights.length];
		if (whole && sum <= length) {
			long divisor = 0;
			for (double weight : weights) {
				divisor = divisor(divisor, (long) weight);
			}
			for (int i = 0; i < weights.length; i++) {
				counts[i] = (int) ((long) weights[i] / divisor);
			}
			return counts;
		}
		for (int i = 0; i < weights.length; i++) {
			counts[i] = (int) Math.max(1, Math.round(weights[i] / sum * length));
		}
		return counts;
	}

	/** How many slots there are at most, but for those who get one in any case. */
	private static int length(int instances) {
		return Math.max(FEWEST, Math.min(MOST, instances * PER_INSTANCE));
	}

	private static long divisor(long a, long b) {
		return (b == 0) ? a : divisor(b, a % b);
	}

}
