package io.concord.loadbalancer;

import java.util.Objects;

/**
 * An instance of a service as a registry names it. Immutable if its value is.
 *
 * @param <T> what the caller knows it by
 * @param id stable name: the same in every process and after a restart of the instance
 * @param value what the caller gets back
 * @param weight its share beside others, 0 for no new calls; at most
 * {@link #LARGEST_WEIGHT}
 */
public record Candidate<T>(String id, T value, double weight) {

	/** Largest weight, so that sums stay exact enough. */
	public static final double LARGEST_WEIGHT = 1_000_000;

	public Candidate {
		Objects.requireNonNull(value, "value");
		if (id.isBlank()) {
			throw new IllegalArgumentException("The id of an instance must not be blank");
		}
		if (!isWeight(weight)) {
			throw new IllegalArgumentException(
					"The weight of '" + id + "' must be between 0 and 1000000, not " + weight);
		}
	}

	/**
	 * Returns whether a number can be a weight.
	 * @param weight any number
	 * @return whether it is between 0 and {@link #LARGEST_WEIGHT}
	 */
	public static boolean isWeight(double weight) {
		return weight >= 0 && weight <= LARGEST_WEIGHT;
	}

}
