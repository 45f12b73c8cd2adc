package io.concord.idgen;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The formats that there are.
 */
public final class IdFormats {

	private static final String BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	/** 13 digits of 5 bits hold 64. */
	private static final int CROCKFORD_LENGTH = 13;

	/**
	 * The longest has 11 digits; shorter ones are filled up, so that texts sort as ids
	 * do.
	 */
	private static final int BASE_62_LENGTH = 11;

	/** Runs of letters whose text always has as many characters. */
	private static final Set<String> FIXED_WIDTH = Set.of("yyyy", "yy", "uuuu", "uu", "MM", "dd", "DDD", "HH", "mm",
			"ss", "SSS");

	private static final Pattern RUN = Pattern.compile("([A-Za-z])\\1*|['\\[\\]{}#]");

	private IdFormats() {
	}

	/**
	 * Writes ids as decimal numbers.
	 * @return the format
	 */
	public static IdFormat decimal() {
		return new Decimal();
	}

	/**
	 * Writes ids with 11 digits of {@code 0-9 A-Z a-z}. Texts sort as ids do, if case is
	 * told apart.
	 * @return the format
	 */
	public static IdFormat base62() {
		return new Base62();
	}

	/**
	 * Writes ids as TSIDs are written: 13 digits of Crockford's base 32, which has no I,
	 * L, O and U. Texts sort as ids do. Reads lower case too, and I and L as 1, O as 0.
	 * @return the format
	 */
	public static IdFormat crockford() {
		return new Crockford();
	}

	/**
	 * Writes a prefix, the date and the id.
	 * @param prefix what stands first, may be empty
	 * @param datePattern pattern of {@link DateTimeFormatter} with letters of fixed width
	 * only, such as {@code yyyyMMdd}; may be empty
	 * @param zone in which the date is written
	 * @param id how the id is written after that
	 * @return the format
	 * @throws IllegalArgumentException if the pattern is not of fixed width
	 */
	public static IdFormat dated(String prefix, String datePattern, ZoneId zone, IdFormat id) {
		if (!RUN.matcher(datePattern).results().allMatch((run) -> FIXED_WIDTH.contains(run.group()))) {
			throw new IllegalArgumentException("'" + datePattern
					+ "' is no pattern of fixed width, made of yyyy, yy, MM, dd, DDD, HH, mm, ss, SSS and signs");
		}
		return new Dated(prefix, DateTimeFormatter.ofPattern(datePattern, Locale.ROOT).withZone(zone),
				datePattern.length(), id);
	}

	private static IllegalArgumentException invalid(String text, String kind) {
		return new IllegalArgumentException("'" + text + "' is no id " + kind);
	}

	private static void checkNotNegative(long id) {
		if (id < 0) {
			throw new IllegalArgumentException("An id is not negative: " + id);
		}
	}

	private static final class Decimal implements IdFormat {

		@Override
		public String format(long id, Instant time) {
			checkNotNegative(id);
			return Long.toString(id);
		}

		@Override
		public long parse(String text) {
			if (!text.isEmpty() && text.chars().allMatch((digit) -> digit >= '0' && digit <= '9')) {
				try {
					return Long.parseLong(text);
				}
				catch (NumberFormatException ex) {
					// Too large.
				}
			}
			throw invalid(text, "as a decimal number");
		}

	}

	private static final class Base62 implements IdFormat {

		@Override
		public String format(long id, Instant time) {
			checkNotNegative(id);
			char[] text = new char[BASE_62_LENGTH];
			long rest = id;
			for (int i = text.length - 1; i >= 0; i--) {
				text[i] = BASE_62.charAt((int) (rest % 62));
				rest /= 62;
			}
			return new String(text);
		}

		@Override
		public long parse(String text) {
			if (text.isEmpty() || text.length() > BASE_62_LENGTH) {
				throw invalid(text, "in base 62");
			}
			long id = 0;
			for (int i = 0; i < text.length(); i++) {
				int digit = BASE_62.indexOf(text.charAt(i));
				if (digit < 0 || id > (Long.MAX_VALUE - digit) / 62) {
					throw invalid(text, "in base 62");
				}
				id = id * 62 + digit;
			}
			return id;
		}

	}

	private static final class Crockford implements IdFormat {

		@Override
		public String format(long id, Instant time) {
			checkNotNegative(id);
			char[] text = new char[CROCKFORD_LENGTH];
			for (int i = 0; i < text.length; i++) {
				text[i] = CROCKFORD.charAt((int) (id >>> (5 * (text.length - 1 - i))) & 31);
			}
			return new String(text);
		}

		@Override
		public long parse(String text) {
			if (text.length() != CROCKFORD_LENGTH) {
				throw invalid(text, "in Crockford's base 32");
			}
			long id = 0;
			for (int i = 0; i < text.length(); i++) {
				char letter = switch (text.charAt(i)) {
					case 'i', 'I', 'l', 'L' -> '1';
					case 'o', 'O' -> '0';
					default -> text.charAt(i);
				};
				int digit = CROCKFORD.indexOf((letter >= 'a' && letter <= 'z') ? letter - 'a' + 'A' : letter);
				// The first digit has 4 bits, of which the sign is one.
				if (digit < 0 || (i == 0 && digit > 7)) {
					throw invalid(text, "in Crockford's base 32");
				}
				id = (id << 5) | digit;
			}
			return id;
		}

	}

	/**
	 * A prefix and a date before the id.
	 *
	 * @param prefix the prefix
	 * @param date how the date is written
	 * @param dateLength how long it is
	 * @param id how the id is written
	 */
	private record Dated(String prefix, DateTimeFormatter date, int dateLength, IdFormat id) implements IdFormat {

		@Override
		public String format(long id, Instant time) {
			return this.prefix + this.date.format(time) + this.id.format(id, time);
		}

		@Override
		public long parse(String text) {
			int start = this.prefix.length() + this.dateLength;
			if (!text.startsWith(this.prefix) || text.length() < start) {
				throw invalid(text, "that begins with '" + this.prefix + "' and a date");
			}
			return this.id.parse(text.substring(start));
		}

	}

}
