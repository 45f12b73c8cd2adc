package io.concord.autoconfigure;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;

import io.concord.ConcordException;

/**
 * The application cannot start as it is configured. Spring Boot prints what is wrong and
 * what to do instead of a stack trace.
 */
public class InvalidConcordConfigurationException extends ConcordException {

	private final String action;

	/**
	 * Creates an exception.
	 * @param description what is wrong: names the place and the value
	 * @param action what to do about it
	 */
	public InvalidConcordConfigurationException(String description, String action) {
		this(description, action, null);
	}

	/**
	 * Creates an exception.
	 * @param description what is wrong: names the place and the value
	 * @param action what to do about it
	 * @param cause what failed, if anything did
	 */
	public InvalidConcordConfigurationException(String description, String action, @Nullable Throwable cause) {
		super(description, cause);
		this.action = action;
	}

	/**
	 * Creates an exception for a property with a value that cannot be used.
	 * @param property the name of the property
	 * @param value its value
	 * @param reason why that can't be, as the rest of a sentence
	 * @param action what to do about it
	 * @return the exception
	 */
	public static InvalidConcordConfigurationException ofProperty(String property, Object value, String reason,
			String action) {
		return new InvalidConcordConfigurationException(
				"The property '%s' is '%s', %s".formatted(property, text(value), reason), action);
	}

	private static Object text(Object value) {
		if (value instanceof Duration duration) {
			boolean seconds = duration.equals(duration.truncatedTo(ChronoUnit.SECONDS));
			return DurationStyle.SIMPLE.print(duration, seconds ? ChronoUnit.SECONDS : ChronoUnit.MILLIS);
		}
		return value;
	}

	/**
	 * Returns what to do about it.
	 * @return one or more sentences
	 */
	public String getAction() {
		return this.action;
	}

}
