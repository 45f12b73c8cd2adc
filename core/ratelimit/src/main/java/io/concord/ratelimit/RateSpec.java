package io.concord.ratelimit;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A rule in the whole numbers that stores count with. Times are µs, and all numbers and
 * what {@link RateModel} makes of them stay below 2^53, so that Lua has them exactly.
 * Immutable.
 *
 * <p>
 * Not a record, as what each question is checked by is worked out once.
 */
public final class RateSpec {

	/** Greatest capacity of a bucket, in its own unit. */
	private static final long GREATEST = 1L << 50;

	private final Kind kind;

	private final List<Bandwidth> bandwidths;

	private final long warmUp;

	private final long mostPermits;

	private final long mostWait;

	/**
	 * Creates one.
	 * @param kind what the numbers mean; kinds share no state
	 * @param bandwidths one for each rate
	 * @param warmUp for how long a rate grows, µs, whole ms; 0 but for
	 * {@link Kind#WARM_BUCKET}
	 */
	public RateSpec(Kind kind, List<Bandwidth> bandwidths, long warmUp) {
		this.kind = kind;
		this.bandwidths = List.copyOf(bandwidths);
		this.warmUp = warmUp;
		this.mostPermits = mostPermits(kind, bandwidths);
		this.mostWait = mostWait(kind, bandwidths);
	}

	static RateSpec of(RateRule rule) {
		Kind kind = switch (rule.algorithm()) {
			case TOKEN_BUCKET -> rule.warmUp().isZero() ? Kind.TOKEN_BUCKET : Kind.WARM_BUCKET;
			case LEAKY_BUCKET -> Kind.LEAKY_BUCKET;
			case SLIDING_WINDOW -> Kind.SLIDING_WINDOW;
			case FIXED_WINDOW -> Kind.FIXED_WINDOW;
			case CONCURRENCY -> throw new IllegalArgumentException("Concurrency is counted by leases");
		};
		List<Bandwidth> bandwidths = new ArrayList<>();
		Rate shortest = rule.shortest();
		for (Rate rate : rule.rates()) {
			long period = rate.periodMicros();
			bandwidths.add(switch (kind) {
				case TOKEN_BUCKET, WARM_BUCKET ->
					bucket(rule, rate, (rate == shortest) ? rule.burst() : Math.max(rule.burst(), rate.permits()));
				case LEAKY_BUCKET -> bucket(rule, rate, 1);
				case FIXED_WINDOW -> new Bandwidth(period, 0, rate.permits());
				case SLIDING_WINDOW ->
					new Bandwidth((period + RateModel.PARTS - 1) / RateModel.PARTS, 0, rate.permits());
			});
		}
		return new RateSpec(kind, bandwidths, rule.warmUp().toNanos() / 1_000);
	}

	private static Bandwidth bucket(RateRule rule, Rate rate, long burst) {
		long divisor = gcd(rate.periodMicros(), rate.permits());
		long cost = rate.periodMicros() / divisor;
		long drain = rate.permits() / divisor;
		if (burst > GREATEST / cost || drain > GREATEST / Math.max(1, rule.maxWait().toNanos() / 1_000)) {
			throw new InvalidRateRuleException(rule.name(), "rate",
					"'" + rate + "' with a burst of " + burst + " is too large to be counted exactly",
					"Use a smaller burst, or a rate with a shorter period.");
		}
		return new Bandwidth(cost, drain, burst * cost);
	}

	private static long gcd(long one, long other) {
		return (other == 0) ? one : gcd(other, one % other);
	}

	private static long mostPermits(Kind kind, List<Bandwidth> bandwidths) {
		long most = Long.MAX_VALUE;
		for (Bandwidth bandwidth : bandwidths) {
			most = Math.min(most, switch (kind) {
				case TOKEN_BUCKET -> bandwidth.capacity() / bandwidth.cost();
				case WARM_BUCKET -> Math.max(1, bandwidth.capacity() / bandwidth.cost() / 3);
				case LEAKY_BUCKET -> 1_000;
				case FIXED_WINDOW, SLIDING_WINDOW -> bandwidth.capacity();
			});
		}
		return most;
	}

	private static long mostWait(Kind kind, List<Bandwidth> bandwidths) {
		if (kind != Kind.TOKEN_BUCKET && kind != Kind.LEAKY_BUCKET) {
			return 0;
		}
		long most = RateRule.LONGEST_WAIT.toNanos() / 1_000;
		for (Bandwidth bandwidth : bandwidths) {
			most = Math.min(most, GREATEST / bandwidth.drain());
		}
		return most;
	}

	/**
	 * Returns what the numbers mean.
	 * @return the kind
	 */
	public Kind kind() {
		return this.kind;
	}

	/**
	 * Returns the rates.
	 * @return one for each
	 */
	public List<Bandwidth> bandwidths() {
		return this.bandwidths;
	}

	/**
	 * Returns for how long a rate grows.
	 * @return the time, µs, whole ms; 0 but for {@link Kind#WARM_BUCKET}
	 */
	public long warmUp() {
		return this.warmUp;
	}

	/**
	 * Returns how many permits one query may ask for.
	 * @return so many that one that finds no state is always admitted
	 */
	public long mostPermits() {
		return this.mostPermits;
	}

	/**
	 * Returns how long a wait can be counted exactly, at least an hour for what a rule
	 * says.
	 * @return the time, µs; 0 if nobody can wait
	 */
	public long mostWait() {
		return this.mostWait;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof RateSpec spec && this.kind == spec.kind && this.warmUp == spec.warmUp
				&& this.bandwidths.equals(spec.bandwidths));
	}

	@Override
	public int hashCode() {
		return Objects.hash(this.kind, this.bandwidths, this.warmUp);
	}

	@Override
	public String toString() {
		return this.kind + " " + this.bandwidths + ((this.warmUp > 0) ? " warm after " + this.warmUp : "");
	}

	/**
	 * What the numbers mean. Their codes are part of the stored format.
	 */
	public enum Kind {

		/** Debts that drain away, up to a capacity. */
		TOKEN_BUCKET(1),

		/** Debts that drain away; a caller waits until there is none. */
		LEAKY_BUCKET(2),

		/** Counts in parts of a window. */
		SLIDING_WINDOW(3),

		/** Counts in windows. */
		FIXED_WINDOW(4),

		/** As a token bucket, whose debt drains slower after a pause. */
		WARM_BUCKET(5);

		private final int code;

		Kind(int code) {
			this.code = code;
		}

		/**
		 * Returns what stands for it in stores.
		 * @return the code
		 */
		public int code() {
			return this.code;
		}

	}

	/**
	 * One rate in numbers.
	 *
	 * @param cost of a bucket: what a permit adds to the debt; of windows: their length,
	 * or that of their parts, µs
	 * @param drain of a bucket: by how much the debt falls in 1 µs
	 * @param capacity of a bucket: greatest debt that a permit may leave; of windows: the
	 * number of permits
	 */
	public record Bandwidth(long cost, long drain, long capacity) {

		/** After how many µs every debt is gone; more would only overflow. */
		public long longest() {
			return (1L << 52) / Math.max(1, this.drain);
		}

	}

}
