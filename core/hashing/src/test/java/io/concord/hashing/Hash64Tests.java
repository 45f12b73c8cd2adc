package io.concord.hashing;

import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The vectors are those of the xxHash project: the first bytes of its sanity buffer, seed
 * 0.
 */
class Hash64Tests {

	@ParameterizedTest
	@CsvSource({ "0, EF46DB3751D8E999", "4, 9136A0DCA57457EE", "14, 8282DCC4994E35C8", "32, 18B216492BB44B70",
			"222, B641AE8CB691C174", "512, 4358D2FDD62B58A7" })
	void hashesTextAsPublished(int bytes, String expected) {
		assertThat(Long.toHexString(Hash64.ofText(sanityText(bytes)))).isEqualToIgnoringCase(expected);
	}

	@Test
	void hashesNumberAsItsEightBytes() {
		long number = 0x8070_6050_4030_2010L;
		String sameBytes = "\u2010\u4030\u6050\u8070";
		assertThat(Hash64.of(number)).isEqualTo(Hash64.ofText(sameBytes));
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, 1, -1, 42, -42, 1_000_000_007, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1 })
	void takesNumberAndItsTextForTheSame(long number) {
		assertThat(Hash64.of(Long.toString(number))).isEqualTo(Hash64.of(number));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "-", "-0", "00", "007", "-01", "+1", "1 ", "1.0", "12a", "9223372036854775808",
			"-9223372036854775809", "9999999999999999999", "18446744073709551617", "٤٢" })
	void takesEverythingElseForText(String text) {
		assertThat(Hash64.of(text)).isEqualTo(Hash64.ofText(text));
	}

	@Test
	void hashesTextsOfEveryLengthDifferently() {
		assertThat(Stream.iterate("x", (text) -> text + "x").limit(200).map(Hash64::of)).doesNotHaveDuplicates();
	}

	/** Unlike a decoder, it lets pass what is no valid UTF-16. */
	private static String sanityText(int bytes) {
		char[] text = new char[bytes / 2];
		long generator = 2654435761L;
		for (int i = 0; i < bytes; i++) {
			text[i / 2] |= (char) ((generator >>> 56) << (8 * (i % 2)));
			generator *= 0x9E3779B185EBCA8DL;
		}
		return new String(text);
	}

}
