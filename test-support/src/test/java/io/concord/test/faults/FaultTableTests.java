package io.concord.test.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class FaultTableTests {

	@Test
	void hasAColumnForEachRun(@TempDir Path directory) throws Exception {
		FaultTable table = new FaultTable(directory.resolve("new"));
		table.add("store b", Map.of("stale writes", "0"));
		table.add("store a", Map.of("stale writes", "1"));
		table.add("store a", Map.of("stale writes", "2"));
		assertThat(table.toMarkdown())
			.isEqualTo("| | store a | store b |\n| --- | --- | --- |\n| stale writes | 2 | 0 |\n");
		assertThat(Files.readString(directory.resolve("new/table.md"))).isEqualTo(table.toMarkdown());
	}

}
