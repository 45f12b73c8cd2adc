package io.concord.test.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The one table of what all runs of a build came to, in Markdown. Each run adds its
 * column from whichever JVM it is in; the rows are what was counted.
 */
public final class FaultTable {

	private static final String SUFFIX = ".column";

	private final Path directory;

	/**
	 * Opens the table.
	 * @param directory where its parts lie; created if there is none
	 */
	public FaultTable(Path directory) {
		this.directory = directory;
	}

	/**
	 * Adds a column, or replaces the one of that name.
	 * @param name its heading, of letters, digits, spaces and dashes
	 * @param cells what was counted, and what it came to; one line each
	 */
	public void add(String name, Map<String, String> cells) {
		try {
			Files.createDirectories(this.directory);
			List<String> lines = cells.entrySet()
				.stream()
				.map((cell) -> cell.getKey() + "\t" + cell.getValue().replace('\n', ' '))
				.toList();
			Path part = Files.write(Files.createTempFile(this.directory, "column", ".tmp"), lines);
			// At once, as another JVM may be reading.
			Files.move(part, this.directory.resolve(name + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the table as far as it is known, and leaves it beside its parts as
	 * {@code table.md}.
	 * @return Markdown
	 */
	public String toMarkdown() {
		Map<String, Map<String, String>> rows = new LinkedHashMap<>();
		StringBuilder text = new StringBuilder("| |");
		StringBuilder line = new StringBuilder("\n| --- |");
		try {
			List<String> names = names();
			for (String name : names) {
				text.append(' ').append(name).append(" |");
				line.append(" --- |");
				for (String cell : Files.readAllLines(this.directory.resolve(name + SUFFIX), StandardCharsets.UTF_8)) {
					String[] parts = cell.split("\t", 2);
					rows.computeIfAbsent(parts[0], (absent) -> new LinkedHashMap<>()).put(name, parts[1]);
				}
			}
			text.append(line);
			rows.forEach((row, cells) -> {
				text.append("\n| ").append(row).append(" |");
				names.forEach((name) -> text.append(' ').append(cells.getOrDefault(name, "–")).append(" |"));
			});
			text.append('\n');
			Files.writeString(this.directory.resolve("table.md"), text);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return text.toString();
	}

	private List<String> names() throws IOException {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.map((file) -> String.valueOf(file.getFileName()))
				.filter((file) -> file.endsWith(SUFFIX))
				.map((file) -> file.substring(0, file.length() - SUFFIX.length()))
				.sorted()
				.toList();
		}
	}

}
