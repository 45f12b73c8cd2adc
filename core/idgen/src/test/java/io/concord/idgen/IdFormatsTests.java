package io.concord.idgen;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class IdFormatsTests {

	private static final Instant TIME = Instant.parse("2026-11-24T23:30:00Z");

	@Test
	void writesIds() {
		assertThat(IdFormats.decimal().format(4711, TIME)).isEqualTo("4711");
		assertThat(IdFormats.base62().format(61, TIME)).isEqualTo("0000000000z");
		assertThat(IdFormats.base62().format(Long.MAX_VALUE, TIME)).isEqualTo("AzL8n0Y58m7");
		assertThat(IdFormats.crockford().format(31, TIME)).isEqualTo("000000000000Z");
		assertThat(IdFormats.crockford().format(Long.MAX_VALUE, TIME)).isEqualTo("7ZZZZZZZZZZZZ");
		// An example of other libraries for TSIDs.
		assertThat(IdFormats.crockford().format(388_400_145_978_465_528L, TIME)).isEqualTo("0ARYZVZXW377R");
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, 1, 61, 62, 1_000_000, 388_400_145_978_465_528L, Long.MAX_VALUE - 1, Long.MAX_VALUE })
	void readsWhatItWrites(long id) {
		for (IdFormat format : new IdFormat[] { IdFormats.decimal(), IdFormats.base62(), IdFormats.crockford(),
				IdFormats.dated("ORD-", "yyyyMMdd-", ZoneOffset.UTC, IdFormats.base62()) }) {
			assertThat(format.parse(format.format(id, TIME))).isEqualTo(id);
		}
	}

	@Test
	void textsOfFixedLengthSortAsIdsDo() {
		for (IdFormat format : new IdFormat[] { IdFormats.base62(), IdFormats.crockford() }) {
			long id = 1;
			String text = format.format(0, TIME);
			for (int i = 0; i < 62; i++) {
				String next = format.format(id, TIME);
				assertThat(next).isGreaterThan(text);
				text = next;
				id <<= 1;
			}
		}
	}

	@Test
	void putsPrefixAndDateInFront() {
		assertThat(IdFormats.dated("ORD-", "yyyyMMdd-", ZoneOffset.UTC, IdFormats.decimal()).format(7, TIME))
			.isEqualTo("ORD-20261124-7");
		assertThat(IdFormats.dated("", "yyMMdd", ZoneId.of("Europe/Berlin"), IdFormats.decimal()).format(7, TIME))
			.isEqualTo("2611257");
		assertThat(IdFormats.dated("A", "", ZoneOffset.UTC, IdFormats.decimal()).format(7, TIME)).isEqualTo("A7");
	}

	@ParameterizedTest
	@ValueSource(strings = { "MMMM", "y", "EEE", "yyyy'x'", "VV", "MMM" })
	void refusesDatesOfVaryingLength(String pattern) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> IdFormats.dated("", pattern, ZoneOffset.UTC, IdFormats.decimal()))
			.withMessageContaining(pattern);
	}

	@Test
	void readsCrockfordAsPeopleWriteIt() {
		assertThat(IdFormats.crockford().parse("0aryzvzxw377r")).isEqualTo(388_400_145_978_465_528L);
		assertThat(IdFormats.crockford().parse("000000000oIlI")).isEqualTo((1 << 10) | (1 << 5) | 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "-1", "+1", "x", "1 ", "9223372036854775808", "99999999999999999999999" })
	void refusesWhatIsNoDecimalNumber(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> IdFormats.decimal().parse(text));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "-", "AzL8n0Y58m8", "zzzzzzzzzzz", "000000000000" })
	void refusesWhatIsNotInBase62(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> IdFormats.base62().parse(text));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "8000000000000", "ZZZZZZZZZZZZZ", "000000000000U", "00000000000", "0000000000 00" })
	void refusesWhatIsNotCrockford(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> IdFormats.crockford().parse(text));
	}

	@Test
	void refusesOtherPrefixesAndNegativeIds() {
		IdFormat format = IdFormats.dated("ORD-", "yyyy", ZoneOffset.UTC, IdFormats.decimal());
		assertThatIllegalArgumentException().isThrownBy(() -> format.parse("INV-20267"));
		assertThatIllegalArgumentException().isThrownBy(() -> format.parse("ORD-"));
		assertThatIllegalArgumentException().isThrownBy(() -> IdFormats.base62().format(-1, TIME));
	}

}
