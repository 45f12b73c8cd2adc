package io.concord.lease;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * How a note is written into the owner of a claim: as it is as far as that is printable
 * ASCII that no store gives a meaning to, and in hexadecimal otherwise. Never with a
 * dash, as the last one of an owner ends the name of its engine.
 */
final class OwnerNotes {

	/** Longest note as it is written; leaves room for what tells owners apart. */
	static final int LONGEST = 200;

	private static final String PLAIN = "._:@,=";

	private OwnerNotes() {
	}

	static String encode(String note) {
		StringBuilder encoded = new StringBuilder(note.length());
		for (byte one : note.getBytes(StandardCharsets.UTF_8)) {
			char character = (char) (one & 0xff);
			boolean alphanumeric = (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z')
					|| (character >= 'a' && character <= 'z');
			if (alphanumeric || PLAIN.indexOf(character) >= 0) {
				encoded.append(character);
			}
			else {
				encoded.append('%')
					.append(Character.forDigit(character >> 4, 16))
					.append(Character.forDigit(character & 15, 16));
			}
		}
		return encoded.toString();
	}

	/** What nobody has encoded stays as it is. */
	static String decode(String encoded) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
		for (int i = 0; i < encoded.length(); i++) {
			char character = encoded.charAt(i);
			int high = (character == '%' && i + 2 < encoded.length()) ? Character.digit(encoded.charAt(i + 1), 16) : -1;
			int low = (high >= 0) ? Character.digit(encoded.charAt(i + 2), 16) : -1;
			if (low >= 0) {
				bytes.write(high << 4 | low);
				i += 2;
			}
			else {
				bytes.writeBytes(String.valueOf(character).getBytes(StandardCharsets.UTF_8));
			}
		}
		return bytes.toString(StandardCharsets.UTF_8);
	}

}
