package io.concord.autoconfigure.lease;

import java.time.Duration;

import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * Checks of the durations in properties.
 */
final class Durations {

	private Durations() {
	}

	static Duration positive(String property, Duration value) {
		if (value.compareTo(Duration.ofMillis(1)) < 0) {
			throw InvalidConcordConfigurationException.ofProperty(property, value, "but must be at least 1ms.",
					"Set it to a longer time, such as '2s', or remove it for the default.");
		}
		return value;
	}

	static Duration notNegative(String property, Duration value) {
		if (value.isNegative()) {
			throw InvalidConcordConfigurationException.ofProperty(property, value, "but must not be negative.",
					"Set it to '0' for no time at all, or remove it for the default.");
		}
		return value;
	}

}
