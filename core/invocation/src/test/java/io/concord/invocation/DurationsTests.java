package io.concord.invocation;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DurationsTests {

	private final AnnotatedMethod<Guarded> place = Places.of(Bean.class, "run");

	@ParameterizedTest
	@CsvSource({ "2s, PT2S", "500ms, PT0.5S", "3m, PT3M", "1h, PT1H", "1d, PT24H", "PT2S, PT2S", "pt1m30s, PT1M30S",
			"0, PT0S", "0s, PT0S", "' 2s ', PT2S" })
	void readsNumberWithUnitAndIsoNotation(String value, Duration expected) {
		assertThat(Durations.parse(this.place, "waitTime", value)).isEqualTo(expected);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "soon", "2 s", "2x", "1.5s", "PT", "P2X", "()", "-", "1m30s", "s", "99999999999999999999s" })
	void refusesMalformedDurationNamingPlaceValueAndRemedy(String value) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> Durations.parse(this.place, "waitTime", value))
			.withMessage("@Guarded on " + Bean.class.getName() + ".run() has a malformed waitTime: '" + value + "'.")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("'2s'").contains("'PT2S'"));
	}

	@Test
	void refusesNumberWithoutUnit() {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> Durations.parse(this.place, "waitTime", "500"))
			.withMessageContaining("has a waitTime without a unit: '500'")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("'500ms'"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-2s", "PT-2S" })
	void refusesNegativeDuration(String value) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> Durations.parse(this.place, "waitTime", value))
			.withMessageContaining("has a negative waitTime: '" + value + "'")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("positive"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "36501d", "PT9000000000000H" })
	void refusesDurationBeyondReason(String value) {
		assertThatExceptionOfType(InvalidAnnotationException.class)
			.isThrownBy(() -> Durations.parse(this.place, "leaseTime", value))
			.withMessageContaining("has a leaseTime of more than a hundred years");
	}

	static class Bean {

		void run() {
		}

	}

}
