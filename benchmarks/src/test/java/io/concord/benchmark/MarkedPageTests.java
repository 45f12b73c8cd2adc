package io.concord.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class MarkedPageTests {

	private static final String PAGE = """
			# Title
			<!-- benchmarks: one -->
			old
			<!-- end: one -->
			between
			<!-- benchmarks: two -->
			<!-- end: two -->
			""";

	@Test
	void replacesWhatStandsBetweenTheMarkersOnly(@TempDir Path directory) throws IOException {
		Path file = Files.writeString(directory.resolve("page.md"), PAGE);
		new MarkedPage(file).replace("one", "| a |\n| b |\n");
		assertThat(Files.readString(file)).isEqualTo("""
				# Title
				<!-- benchmarks: one -->

				| a |
				| b |

				<!-- end: one -->
				between
				<!-- benchmarks: two -->
				<!-- end: two -->
				""");
	}

	@Test
	void replacesAgainToTheSame() {
		String once = MarkedPage.replace(PAGE, "two", "text with $1 and \\");
		assertThat(MarkedPage.replace(once, "two", "text with $1 and \\")).isEqualTo(once)
			.contains("text with $1 and \\");
	}

	@Test
	void refusesAPageWithoutTheMarkers() {
		assertThatIllegalStateException().isThrownBy(() -> MarkedPage.replace(PAGE, "three", "text"))
			.withMessageContaining("<!-- benchmarks: three -->");
		assertThatIllegalStateException()
			.isThrownBy(() -> MarkedPage.replace("<!-- end: x --> <!-- benchmarks: x -->", "x", "text"));
	}

}
