package io.concord.idgen;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SnowflakeLayoutTests {

	@Test
	void takesIdsApart() {
		long id = SnowflakeLayout.STANDARD.encode(60_000_000_000L, (3 << 5) | 17, 4_095);
		assertThat(SnowflakeLayout.STANDARD.decode(id))
			.isEqualTo(new DecodedId(id, SnowflakeLayout.DEFAULT_EPOCH.plusMillis(60_000_000_000L), 113, 3, 17, 4_095));
	}

	@Test
	void largestIdHasAllBits() {
		assertThat(SnowflakeLayout.STANDARD.encode((1L << 41) - 1, 1_023, 4_095)).isEqualTo(Long.MAX_VALUE);
		assertThat(SnowflakeLayout.JAVASCRIPT.encode((1L << 41) - 1, 63, 63)).isEqualTo((1L << 53) - 1);
	}

	@Test
	void refusesPartsThatDoNotFit() {
		assertThatIllegalArgumentException().isThrownBy(() -> SnowflakeLayout.STANDARD.encode(1L << 41, 0, 0));
		assertThatIllegalArgumentException().isThrownBy(() -> SnowflakeLayout.STANDARD.encode(1, 1_024, 0));
		assertThatIllegalArgumentException().isThrownBy(() -> SnowflakeLayout.STANDARD.encode(1, 0, 4_096));
		assertThatIllegalArgumentException().isThrownBy(() -> SnowflakeLayout.STANDARD.decode(-1));
		assertThatIllegalArgumentException().isThrownBy(() -> SnowflakeLayout.JAVASCRIPT.decode(1L << 53));
	}

	@Test
	void knowsWhenItRunsOut() {
		assertThat(SnowflakeLayout.STANDARD.runsOut()).isEqualTo(Instant.parse("2094-09-07T15:47:35.552Z"));
		assertThat(new SnowflakeLayout(SnowflakeLayout.DEFAULT_EPOCH, ChronoUnit.SECONDS, 28, 0, 20, 13).runsOut())
			.isEqualTo(Instant.parse("2033-07-04T21:24:16Z"));
	}

	@Test
	void stampHasAllThatMattersForIds() {
		assertThat(SnowflakeLayout.STANDARD.stamp()).isEqualTo("epoch=2025-01-01T00:00:00Z unit=ms bits=41+5+5+12");
		assertThat(new SnowflakeLayout(Instant.EPOCH, ChronoUnit.SECONDS, 32, 2, 8, 20).stamp())
			.isEqualTo("epoch=1970-01-01T00:00:00Z unit=s bits=32+2+8+20");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			MILLIS  | 2025-01-01T00:00:00Z     | 42 | 5  | 5  | 12 | bits  | add up to 64
			MILLIS  | 2025-01-01T00:00:00Z     | 0  | 5  | 5  | 12 | bits  | at least 1
			MILLIS  | 2025-01-01T00:00:00Z     | 41 | -1 | 5  | 12 | bits  | -1 (datacenter)
			MILLIS  | 2025-01-01T00:00:00Z     | 41 | 5  | 5  | 0  | bits  | 0 (sequence)
			MILLIS  | 2025-01-01T00:00:00Z     | 51 | 0  | 0  | 12 | bits  | at most 50
			MILLIS  | 2025-01-01T00:00:00Z     | 30 | 10 | 11 | 12 | bits  | at most
			MILLIS  | 2025-01-01T00:00:00Z     | 30 | 1  | 1  | 31 | bits  | at most
			MINUTES | 2025-01-01T00:00:00Z     | 41 | 5  | 5  | 12 | unit  | not Minutes
			MILLIS  | 1969-01-01T00:00:00Z     | 41 | 5  | 5  | 12 | epoch | before 1970
			SECONDS | 2025-01-01T00:00:00.500Z | 32 | 5  | 5  | 12 | epoch | whole number
			""")
	void refusesWhatCannotBe(ChronoUnit unit, Instant epoch, int timestampBits, int datacenterBits, int machineBits,
			int sequenceBits, String value, String message) {
		assertThatExceptionOfType(InvalidGeneratorException.class)
			.isThrownBy(
					() -> new SnowflakeLayout(epoch, unit, timestampBits, datacenterBits, machineBits, sequenceBits))
			.withMessageContaining(message)
			.satisfies((ex) -> assertThat(ex.getValue()).isEqualTo(value));
	}

}
