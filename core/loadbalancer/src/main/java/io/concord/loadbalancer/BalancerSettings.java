package io.concord.loadbalancer;

import java.time.Duration;
import java.util.Objects;

/**
 * How a balancer works. Immutable.
 *
 * @param algorithm how an instance is chosen
 * @param ejection when an instance gets no calls for a while
 * @param slowStart how long an instance that is new or comes back takes to get its whole
 * share; zero for none
 * @param ewmaDecay after which time an answer counts for a third in
 * {@link Algorithm#PEAK_EWMA}
 * @param hash how keys find their instance, in the algorithms that hash
 * @param longestCall after which time a call counts no longer that nobody has ended
 */
public record BalancerSettings(Algorithm algorithm, EjectionSettings ejection, Duration slowStart, Duration ewmaDecay,
		HashSettings hash, Duration longestCall) {

	/** What is used if nothing is said. */
	public static final BalancerSettings DEFAULT = new BalancerSettings(Algorithm.ROUND_ROBIN, EjectionSettings.DEFAULT,
			Duration.ofSeconds(10), Duration.ofSeconds(10), HashSettings.DEFAULT, Duration.ofMinutes(10));

	public BalancerSettings {
		Objects.requireNonNull(algorithm, "algorithm");
		Objects.requireNonNull(ejection, "ejection");
		Objects.requireNonNull(hash, "hash");
		if (slowStart.isNegative()) {
			throw new InvalidBalancerException("slow-start", slowStart, "but must not be negative",
					"Set it to a time, such as '10s', or to 0 for none.");
		}
		positive("ewma-decay", ewmaDecay);
		positive("longest-call", longestCall);
	}

	/**
	 * Returns these settings with another algorithm.
	 * @param other the algorithm
	 * @return the changed settings
	 */
	public BalancerSettings withAlgorithm(Algorithm other) {
		return new BalancerSettings(other, this.ejection, this.slowStart, this.ewmaDecay, this.hash, this.longestCall);
	}

	/**
	 * Returns these settings with another ejection.
	 * @param other when an instance gets no calls
	 * @return the changed settings
	 */
	public BalancerSettings withEjection(EjectionSettings other) {
		return new BalancerSettings(this.algorithm, other, this.slowStart, this.ewmaDecay, this.hash, this.longestCall);
	}

	/**
	 * Returns these settings with another slow start.
	 * @param other how long it takes
	 * @return the changed settings
	 */
	public BalancerSettings withSlowStart(Duration other) {
		return new BalancerSettings(this.algorithm, this.ejection, other, this.ewmaDecay, this.hash, this.longestCall);
	}

	/**
	 * Returns these settings with other hashing.
	 * @param other how keys find their instance
	 * @return the changed settings
	 */
	public BalancerSettings withHash(HashSettings other) {
		return new BalancerSettings(this.algorithm, this.ejection, this.slowStart, this.ewmaDecay, other,
				this.longestCall);
	}

	static void positive(String setting, Duration value) {
		if (value.compareTo(Duration.ofMillis(1)) < 0) {
			throw new InvalidBalancerException(setting, value, "but must be at least 1ms",
					"Set it to a longer time, such as '5s'.");
		}
	}

}
