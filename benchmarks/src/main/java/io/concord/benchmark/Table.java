package io.concord.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table of Markdown in the making. Not thread-safe.
 */
final class Table {

	private final String title;

	private final List<List<String>> rows = new ArrayList<>();

	/**
	 * Creates a table without rows.
	 * @param title stands above it
	 * @param columns heads of the columns; the first is that of the names
	 */
	Table(String title, List<String> columns) {
		this.title = title;
		this.rows.add(List.copyOf(columns));
	}

	/**
	 * Adds a row.
	 * @param cells as many as there are columns
	 */
	void add(List<String> cells) {
		if (cells.size() != this.rows.get(0).size()) {
			throw new IllegalArgumentException("A row of " + cells.size() + " cells in a table of "
					+ this.rows.get(0).size() + " columns: " + cells);
		}
		this.rows.add(List.copyOf(cells));
	}

	/** Writes it down, numbers to the right. */
	String markdown() {
		StringBuilder text = new StringBuilder("**" + this.title + "**\n\n");
		line(text, this.rows.get(0));
		int columns = this.rows.get(0).size();
		List<String> rule = new ArrayList<>(Collections.nCopies(columns, "---:"));
		rule.set(0, "---");
		line(text, rule);
		this.rows.subList(1, this.rows.size()).forEach((row) -> line(text, row));
		return text.toString();
	}

	private static void line(StringBuilder text, List<String> cells) {
		text.append("| ").append(String.join(" | ", cells)).append(" |\n");
	}

}
