package io.concord.benchmark;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.DoublePredicate;

/**
 * Numbers that were measured, sorted. Immutable.
 */
final class Series {

	private final double[] sorted;

	private Series(double[] sorted) {
		this.sorted = sorted;
	}

	/**
	 * Takes the numbers.
	 * @param values the numbers, at least one
	 * @return a copy of them
	 * @throws IllegalArgumentException if there are none
	 */
	static Series of(Collection<Double> values) {
		if (values.isEmpty()) {
			throw new IllegalArgumentException("Nothing was measured");
		}
		double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
		return new Series(sorted);
	}

	int size() {
		return this.sorted.length;
	}

	double median() {
		int middle = this.sorted.length / 2;
		return (this.sorted.length % 2 == 1) ? this.sorted[middle]
				: (this.sorted[middle - 1] + this.sorted[middle]) / 2;
	}

	/**
	 * Returns the least number that the given share of all does not exceed.
	 * @param share between 0 and 1
	 * @return the percentile by nearest rank
	 */
	double percentile(double share) {
		int rank = (int) Math.ceil(share * this.sorted.length);
		return this.sorted[Math.max(0, Math.min(this.sorted.length, rank) - 1)];
	}

	/**
	 * Returns how far the numbers lie apart: half the distance between the quartiles, as
	 * a share of the median.
	 * @return 0 if most are equal
	 */
	double spread() {
		double median = median();
		return (median != 0) ? (percentile(0.75) - percentile(0.25)) / 2 / median : 0;
	}

	/** Returns which share of the numbers is as asked, from 0 to 1. */
	double share(DoublePredicate asked) {
		return Arrays.stream(this.sorted).filter(asked).count() / (double) this.sorted.length;
	}

	@Override
	public String toString() {
		return Arrays.toString(this.sorted);
	}

}
