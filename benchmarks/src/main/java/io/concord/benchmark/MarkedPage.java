package io.concord.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A page of which parts between markers are written by a program, and the rest by people.
 */
final class MarkedPage {

	private final Path file;

	MarkedPage(Path file) {
		this.file = file;
	}

	/**
	 * Replaces what stands between the markers of a part.
	 * @param part its name
	 * @param text what is to stand there
	 * @throws IOException if the file cannot be read or written
	 * @throws IllegalStateException if the page does not have both markers of the part
	 */
	void replace(String part, String text) throws IOException {
		Files.writeString(this.file, replace(Files.readString(this.file), part, text));
	}

	static String replace(String page, String part, String text) {
		String begin = "<!-- benchmarks: " + part + " -->";
		String end = "<!-- end: " + part + " -->";
		int from = page.indexOf(begin);
		int to = page.indexOf(end);
		if (from < 0 || to < from) {
			throw new IllegalStateException("The page needs the lines '" + begin + "' and '" + end + "'");
		}
		return page.substring(0, from + begin.length()) + "\n\n" + text.strip() + "\n\n" + page.substring(to);
	}

}
