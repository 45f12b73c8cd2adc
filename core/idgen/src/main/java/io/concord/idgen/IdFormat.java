package io.concord.idgen;

import java.time.Instant;

/**
 * How ids are written as text. Thread-safe.
 */
public interface IdFormat {

	/**
	 * Writes an id.
	 * @param id the id, not negative
	 * @param time when it was issued, for formats that show it
	 * @return the text
	 */
	String format(long id, Instant time);

	/**
	 * Reads an id.
	 * @param text what {@link #format} gave
	 * @return the id
	 * @throws IllegalArgumentException if the text is no id in this format
	 */
	long parse(String text);

}
