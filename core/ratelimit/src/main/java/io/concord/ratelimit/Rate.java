package io.concord.ratelimit;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many permits in a period. Immutable.
 *
 * @param permits how many; positive
 * @param period in how long; whole microseconds, from 1 ms to 366 days
 */
public record Rate(long permits, Duration period) {

	private static final Pattern TEXT = Pattern.compile("([+-]?\\d{1,18})\\s*/\\s*(\\d{1,9})?\\s*([a-zA-Z]+)");

	private static final Map<String, Duration> UNITS = Map.of("ms", Duration.ofMillis(1), "s", Duration.ofSeconds(1),
			"m", Duration.ofMinutes(1), "min", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d",
			Duration.ofDays(1));

	private static final Duration SHORTEST = Duration.ofMillis(1);

	private static final Duration LONGEST = Duration.ofDays(366);

	public Rate {
		if (permits < 1) {
			throw new IllegalArgumentException("A rate must be positive, not " + permits);
		}
		if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0 || period.toNanos() % 1_000 != 0) {
			throw new IllegalArgumentException(
					"The period of a rate must be whole microseconds between 1ms and 366d, not " + period);
		}
	}

	/**
	 * Reads a rate.
	 * @param text such as {@code 100/s}, {@code 1000/h} or {@code 5/10s}, with a unit of
	 * ms, s, m, min, h or d
	 * @return the rate
	 * @throws IllegalArgumentException if it is malformed, zero or negative
	 */
	public static Rate parse(String text) {
		Matcher matcher = TEXT.matcher(text.strip());
		Duration unit = matcher.matches() ? UNITS.get(matcher.group(3).toLowerCase(Locale.ROOT)) : null;
		if (unit == null) {
			throw new IllegalArgumentException("'" + text + "' is not a rate. Write permits, a slash and a period, such"
					+ " as '100/s', '1000/h' or '5/10s'; the units are ms, s, m, h and d");
		}
		long count = (matcher.group(2) != null) ? Long.parseLong(matcher.group(2)) : 1;
		return new Rate(Long.parseLong(matcher.group(1)), unit.multipliedBy(count));
	}

	long periodMicros() {
		return this.period.toNanos() / 1_000;
	}

	/**
	 * Returns the rate as {@link #parse} reads it.
	 */
	@Override
	public String toString() {
		long micros = periodMicros();
		for (String unit : new String[] { "d", "h", "m", "s", "ms" }) {
			long length = Objects.requireNonNull(UNITS.get(unit)).toNanos() / 1_000;
			if (micros % length == 0) {
				return this.permits + "/" + ((micros == length) ? "" : micros / length) + unit;
			}
		}
		return this.permits + "/" + this.period;
	}

}
