package io.concord.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import org.springframework.util.ClassUtils;

import io.concord.autoconfigure.ConfigurationMetadata.Property;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps the table in {@code docs/configuration.md} in step with the metadata. Run it with
 * {@code -Dconcord.docs=write} to write the table anew.
 */
class ConfigurationDocumentationTests {

	private static final Path PAGE = Path.of("..", "docs", "configuration.md");

	private static final String BEGIN = "<!-- begin of the generated table -->\n";

	private static final String END = "<!-- end of the generated table -->\n";

	@Test
	void hasCurrentTable() throws IOException {
		String page = Files.readString(PAGE);
		int begin = page.indexOf(BEGIN) + BEGIN.length();
		int end = page.indexOf(END);
		assertThat(begin).as("Marks of the table in " + PAGE).isBetween(BEGIN.length(), end);
		String expected = table(new ConfigurationMetadata().properties());
		if ("write".equals(System.getProperty("concord.docs"))) {
			Files.writeString(PAGE, page.substring(0, begin) + expected + page.substring(end));
			return;
		}
		assertThat(page.substring(begin, end))
			.as("The table in docs/configuration.md is out of date. Write it anew by: ./mvnw -pl autoconfigure -am test "
					+ "-Dtest=ConfigurationDocumentationTests -Dsurefire.failIfNoSpecifiedTests=false -Dconcord.docs=write")
			.isEqualTo(expected);
	}

	private static String table(List<Property> properties) {
		return "| property | type | default | meaning |\n| --- | --- | --- | --- |\n" + properties.stream()
			.map((property) -> "| `%s` | %s | %s | %s |\n".formatted(property.name(), type(property),
					defaultValue(property), property.description().replace("|", "\\|")))
			.collect(Collectors.joining());
	}

	private static String type(Property property) {
		Class<?> type = ClassUtils.resolveClassName(property.type().replaceFirst("<.*", ""), null);
		if (type == Backend.class) {
			return "`redis`, `jdbc`, `zookeeper`, `local`";
		}
		if (type.isEnum()) {
			return Arrays.stream(type.getEnumConstants())
				.map((constant) -> "`" + constant.toString().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
				.collect(Collectors.joining(", "));
		}
		return (type == Duration.class) ? "duration" : type.getSimpleName().toLowerCase(Locale.ROOT);
	}

	private static String defaultValue(Property property) {
		return (property.defaultValue() != null) ? "`" + property.defaultValue() + "`" : "";
	}

}
