package io.concord.invocation;

import java.time.Duration;
import java.util.regex.Pattern;

import org.springframework.format.annotation.DurationFormat;
import org.springframework.format.datetime.standard.DurationFormatterUtils;

/**
 * Durations in the attributes of annotations.
 */
public final class Durations {

	/** Longer ones are mistakes, and overflow where they are counted in milliseconds. */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	private static final Pattern WITHOUT_UNIT = Pattern.compile("[+-]?\\d+");

	private Durations() {
	}

	/**
	 * Reads a duration.
	 * @param place the annotation it belongs to
	 * @param attribute name of the attribute
	 * @param value a whole number with one of the units ns, us, ms, s, m, h, d, or an ISO
	 * 8601 duration; {@code 0} needs no unit
	 * @return the duration, zero or positive
	 * @throws InvalidAnnotationException if the value is malformed, negative or longer
	 * than a hundred years
	 */
	public static Duration parse(AnnotatedMethod<?> place, String attribute, String value) {
		String text = value.strip();
		if (text.equals("0")) {
			return Duration.ZERO;
		}
		Duration duration = parse(place, attribute, value, text);
		if (duration.isNegative()) {
			throw place.invalid("has a negative " + attribute + ": '" + value + "'",
					"Use a positive duration such as '2s', or '0' for none.");
		}
		if (duration.compareTo(LONGEST) > 0) {
			throw place.invalid("has a " + attribute + " of more than a hundred years: '" + value + "'",
					"Use a shorter one, at most 36500d.");
		}
		return duration;
	}

	private static Duration parse(AnnotatedMethod<?> place, String attribute, String value, String text) {
		if (WITHOUT_UNIT.matcher(text).matches()) {
			throw place.invalid("has a " + attribute + " without a unit: '" + value + "'",
					"Add the unit, such as '" + text + "ms' or '" + text + "s'.");
		}
		try {
			DurationFormat.Style style = DurationFormatterUtils.detect(text);
			if (style == DurationFormat.Style.COMPOSITE) {
				throw new IllegalArgumentException("More than one unit");
			}
			return DurationFormatterUtils.parse(text, style);
		}
		catch (IllegalArgumentException ex) {
			throw place.invalid("has a malformed " + attribute + ": '" + value + "'",
					"Write a whole number with a unit (ns, us, ms, s, m, h, d) such as '2s' or '500ms', "
							+ "or an ISO 8601 duration such as 'PT2S'.",
					ex);
		}
	}

}
