package io.concord.ratelimit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A limit and how it is kept, the same for each key. Two rules are equal if they limit
 * alike. Immutable.
 */
public final class RateRule {

	/** Most rates of one rule. */
	public static final int MOST_RATES = 4;

	/** Longest {@link Builder#maxWait}. */
	public static final Duration LONGEST_WAIT = Duration.ofHours(1);

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

	private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(10);

	private final String name;

	private final RateAlgorithm algorithm;

	private final List<Rate> rates;

	private final long burst;

	private final Duration warmUp;

	private final Duration maxWait;

	private final int limit;

	private final OnFailure onFailure;

	private final boolean shadow;

	private final double overAdmission;

	private final @Nullable RateSpec spec;

	private RateRule(Builder builder) {
		this.name = builder.name;
		this.algorithm = builder.algorithm;
		this.rates = List.copyOf(builder.rates);
		this.burst = builder.burst;
		this.warmUp = builder.warmUp;
		this.maxWait = builder.maxWait;
		this.limit = builder.limit;
		this.onFailure = builder.onFailure;
		this.shadow = builder.shadow;
		this.overAdmission = builder.overAdmission;
		check();
		this.spec = isConcurrency() ? null : RateSpec.of(this);
	}

	/**
	 * Starts the description of a rule.
	 * @param name 1 to 64 of {@code A-Z a-z 0-9 . _ : -}
	 * @return a builder: a token bucket, without a rate yet
	 */
	public static Builder builder(String name) {
		return new Builder(name);
	}

	private void check() {
		if (!NAME.matcher(this.name).matches()) {
			throw new InvalidRateRuleException(this.name, "name", "has characters that it can't have",
					"Use 1 to 64 of the characters A-Z a-z 0-9 . _ : -");
		}
		if (isConcurrency()) {
			checkConcurrency();
		}
		else {
			checkRates();
		}
		if (this.maxWait.isNegative() || this.maxWait.compareTo(LONGEST_WAIT) > 0) {
			throw invalid("max-wait", "is " + this.maxWait, "Set it to a time between 0 and 1h.");
		}
		if (!(this.overAdmission >= 0 && this.overAdmission <= 1)) {
			throw invalid("over-admission", "is " + this.overAdmission, "Set it to a part between 0% and 100%.");
		}
		if (this.overAdmission > 0 && (isConcurrency() || this.algorithm == RateAlgorithm.LEAKY_BUCKET)) {
			throw invalid("over-admission", "is set, but " + text(this.algorithm) + " takes nothing ahead",
					"Remove it.");
		}
		if (!this.maxWait.isZero() && !canWait()) {
			throw invalid("max-wait",
					"is set, but " + (this.warmUp.isZero() ? text(this.algorithm) : "a token-bucket with a warm-up")
							+ " can't tell how long to wait",
					"Remove it, or use one of the algorithms token-bucket, leaky-bucket and concurrency.");
		}
	}

	private void checkConcurrency() {
		if (this.limit < 1) {
			throw invalid("limit", "is " + ((this.limit == 0) ? "missing" : this.limit),
					"Set how many may run at the same time, such as 'limit: 10'.");
		}
		if (!this.rates.isEmpty()) {
			throw invalid("rate", "is set, but concurrency has none",
					"Remove it, and set 'limit' to how many may run at the same time.");
		}
		if (this.burst != 0 || !this.warmUp.isZero()) {
			throw invalid((this.burst != 0) ? "burst" : "warm-up", "is set, but concurrency has none", "Remove it.");
		}
	}

	private void checkRates() {
		if (this.rates.isEmpty()) {
			throw invalid("rate", "is missing", "Set it, such as 'rate: 100/s'.");
		}
		if (this.rates.size() > MOST_RATES) {
			throw invalid("rate", "has " + this.rates.size() + " rates", "Use at most " + MOST_RATES + ".");
		}
		if (this.limit != 0) {
			throw invalid("limit", "is set, but " + text(this.algorithm) + " has none",
					"Set 'rate' instead, or use 'algorithm: concurrency'.");
		}
		boolean bucket = this.algorithm == RateAlgorithm.TOKEN_BUCKET;
		if (this.burst < 0) {
			throw invalid("burst", "is " + this.burst, "Set it to at least 1, or remove it for that of the rate.");
		}
		if (this.burst > 0 && !bucket) {
			throw invalid("burst", "is set, but " + text(this.algorithm) + " has none",
					"Remove it, or use 'algorithm: token-bucket'.");
		}
		if (this.warmUp.isNegative() || this.warmUp.compareTo(LONGEST_WARM_UP) > 0
				|| this.warmUp.toNanos() % 1_000_000 != 0) {
			throw invalid("warm-up", "is " + this.warmUp, "Set it to whole milliseconds, at most 10m.");
		}
		if (!this.warmUp.isZero() && (!bucket || this.rates.size() > 1)) {
			throw invalid("warm-up", "is set, but needs a token-bucket with one rate",
					"Remove it, or use 'algorithm: token-bucket' and one rate.");
		}
	}

	private InvalidRateRuleException invalid(String attribute, String problem, String fix) {
		return new InvalidRateRuleException(this.name, attribute, problem, fix);
	}

	private static String text(RateAlgorithm algorithm) {
		return algorithm.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
	}

	/** Whether a caller can be told a time to come back that is kept for it. */
	boolean canWait() {
		return isConcurrency() || this.algorithm == RateAlgorithm.LEAKY_BUCKET
				|| (this.algorithm == RateAlgorithm.TOKEN_BUCKET && this.warmUp.isZero());
	}

	boolean isConcurrency() {
		return this.algorithm == RateAlgorithm.CONCURRENCY;
	}

	/** What stores keep; not for a limit of concurrency. */
	RateSpec spec() {
		return Objects.requireNonNull(this.spec);
	}

	/**
	 * Returns how many permits one call may ask for.
	 * @return the burst; a third of it with a warm-up; what a window takes; 1 for
	 * concurrency
	 */
	public long mostPermits() {
		return isConcurrency() ? 1 : spec().mostPermits();
	}

	/**
	 * Returns the name.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns how it counts.
	 * @return the algorithm
	 */
	public RateAlgorithm algorithm() {
		return this.algorithm;
	}

	/**
	 * Returns the rates, all of which a call has to keep.
	 * @return the rates; none for concurrency
	 */
	public List<Rate> rates() {
		return this.rates;
	}

	/**
	 * Returns how many permits a token bucket keeps: of several rates, that with the
	 * shortest period; the others keep what they give in their period.
	 * @return the burst; 0 if the algorithm has none
	 */
	public long burst() {
		if (this.algorithm != RateAlgorithm.TOKEN_BUCKET) {
			return 0;
		}
		return (this.burst > 0) ? this.burst : shortest().permits();
	}

	/**
	 * Returns whether the burst is the rule's own, and not that of its rate.
	 * @return whether it is
	 */
	public boolean hasOwnBurst() {
		return this.burst > 0;
	}

	Rate shortest() {
		Rate shortest = this.rates.get(0);
		for (Rate rate : this.rates) {
			shortest = (rate.period().compareTo(shortest.period()) < 0) ? rate : shortest;
		}
		return shortest;
	}

	/**
	 * Returns for how long the rate grows, from a third to all of it, after nothing was
	 * asked for as long.
	 * @return the time; zero for no warm-up
	 */
	public Duration warmUp() {
		return this.warmUp;
	}

	/**
	 * Returns how long a call waits at most that says nothing else.
	 * @return the time; zero for not at all
	 */
	public Duration maxWait() {
		return this.maxWait;
	}

	/**
	 * Returns how many may run at the same time.
	 * @return the limit; 0 unless the algorithm is concurrency
	 */
	public int limit() {
		return this.limit;
	}

	/**
	 * Returns what happens if the store fails.
	 * @return the policy
	 */
	public OnFailure onFailure() {
		return this.onFailure;
	}

	/**
	 * Returns whether calls are only counted and all of them let through.
	 * @return whether they are
	 */
	public boolean shadow() {
		return this.shadow;
	}

	/**
	 * Returns which part of the limit may be admitted beyond it in any window, all
	 * processes together, as they take permits ahead.
	 * @return the part, from 0 to 1
	 */
	public double overAdmission() {
		return this.overAdmission;
	}

	/** How many permits there are in a window: what the part is taken of. */
	long windowPermits() {
		long least = Long.MAX_VALUE;
		for (Rate rate : this.rates) {
			least = Math.min(least, rate.permits());
		}
		return least;
	}

	/**
	 * Returns a description to change.
	 * @return a builder with all values of this rule
	 */
	public Builder toBuilder() {
		Builder builder = new Builder(this.name).algorithm(this.algorithm)
			.burst(this.burst)
			.warmUp(this.warmUp)
			.maxWait(this.maxWait)
			.limit(this.limit)
			.onFailure(this.onFailure)
			.shadow(this.shadow)
			.overAdmission(this.overAdmission);
		this.rates.forEach(builder::rate);
		return builder;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RateRule rule && this.name.equals(rule.name) && this.algorithm == rule.algorithm
				&& this.rates.equals(rule.rates) && this.burst == rule.burst && this.warmUp.equals(rule.warmUp)
				&& this.maxWait.equals(rule.maxWait) && this.limit == rule.limit && this.onFailure == rule.onFailure
				&& this.shadow == rule.shadow && this.overAdmission == rule.overAdmission;
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.name, this.algorithm, this.rates, this.burst, this.limit);
	}

	@Override
	public String toString() {
		return this.name + " (" + text(this.algorithm) + " " + (isConcurrency() ? this.limit : this.rates) + ")";
	}

	/**
	 * What happens to calls whose store fails.
	 */
	public enum OnFailure {

		/** They are let through. */
		OPEN,

		/** They fail with the store's exception. */
		CLOSED,

		/**
		 * Each process keeps its part of the limit: that divided by the number of live
		 * processes. Concurrency can't be shared so: it is {@link #CLOSED}.
		 */
		SHARE

	}

	/**
	 * Describes a rule. Not thread-safe.
	 */
	public static final class Builder {

		private final String name;

		private RateAlgorithm algorithm = RateAlgorithm.TOKEN_BUCKET;

		private final List<Rate> rates = new ArrayList<>();

		private long burst;

		private Duration warmUp = Duration.ZERO;

		private Duration maxWait = Duration.ZERO;

		private int limit;

		private OnFailure onFailure = OnFailure.CLOSED;

		private boolean shadow;

		private double overAdmission;

		private Builder(String name) {
			this.name = name;
		}

		/**
		 * Sets how it counts.
		 * @param algorithm default a token bucket
		 * @return this builder
		 */
		public Builder algorithm(RateAlgorithm algorithm) {
			this.algorithm = algorithm;
			return this;
		}

		/**
		 * Adds a rate to those that a call has to keep.
		 * @param rate the rate
		 * @return this builder
		 */
		public Builder rate(Rate rate) {
			this.rates.add(rate);
			return this;
		}

		/**
		 * Adds a rate to those that a call has to keep.
		 * @param rate such as {@code 100/s}
		 * @return this builder
		 * @throws InvalidRateRuleException if it is none
		 */
		public Builder rate(String rate) {
			try {
				return rate(Rate.parse(rate));
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidRateRuleException(this.name, "rate", "is '" + rate + "': " + ex.getMessage(),
						"Correct it.");
			}
		}

		/**
		 * Sets how many permits a token bucket keeps.
		 * @param burst positive; 0 for what comes in a period
		 * @return this builder
		 */
		public Builder burst(long burst) {
			this.burst = burst;
			return this;
		}

		/**
		 * Sets for how long the rate grows.
		 * @param warmUp up to 10 min; default zero
		 * @return this builder
		 */
		public Builder warmUp(Duration warmUp) {
			this.warmUp = warmUp;
			return this;
		}

		/**
		 * Sets how long calls wait that say nothing else.
		 * @param maxWait up to an hour; default zero
		 * @return this builder
		 */
		public Builder maxWait(Duration maxWait) {
			this.maxWait = maxWait;
			return this;
		}

		/**
		 * Sets how many may run at the same time, for concurrency only.
		 * @param limit positive
		 * @return this builder
		 */
		public Builder limit(int limit) {
			this.limit = limit;
			return this;
		}

		/**
		 * Sets what happens if the store fails.
		 * @param onFailure default {@link OnFailure#CLOSED}
		 * @return this builder
		 */
		public Builder onFailure(OnFailure onFailure) {
			this.onFailure = onFailure;
			return this;
		}

		/**
		 * Sets whether calls are only counted.
		 * @param shadow default false
		 * @return this builder
		 */
		public Builder shadow(boolean shadow) {
			this.shadow = shadow;
			return this;
		}

		/**
		 * Sets which part of the limit may be admitted beyond it in any window, so that
		 * processes may take permits ahead.
		 * @param overAdmission from 0 to 1; default 0
		 * @return this builder
		 */
		public Builder overAdmission(double overAdmission) {
			this.overAdmission = overAdmission;
			return this;
		}

		/**
		 * Creates the rule.
		 * @return the rule
		 * @throws InvalidRateRuleException if it can't be so
		 */
		public RateRule build() {
			return new RateRule(this);
		}

	}

}
