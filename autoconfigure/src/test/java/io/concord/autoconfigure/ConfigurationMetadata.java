package io.concord.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.ClassPathResource;

/**
 * What the annotation processor has written about the properties.
 */
final class ConfigurationMetadata {

	private final Map<String, Object> content;

	ConfigurationMetadata() {
		try {
			this.content = JsonParserFactory.getJsonParser()
				.parseMap(new ClassPathResource("META-INF/spring-configuration-metadata.json")
					.getContentAsString(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	List<Property> properties() {
		return items("properties").stream()
			.map((item) -> new Property(text(item, "name"), text(item, "type"), text(item, "description"),
					item.get("defaultValue")))
			.sorted(Comparator.comparing(Property::name))
			.toList();
	}

	List<String> hintedProperties() {
		return items("hints").stream().map((item) -> text(item, "name")).toList();
	}

	@SuppressWarnings("unchecked")
	private List<Map<String, Object>> items(String key) {
		return (List<Map<String, Object>>) Objects.requireNonNull(this.content.get(key));
	}

	private static String text(Map<String, Object> item, String key) {
		return Objects.toString(item.get(key), "");
	}

	record Property(String name, String type, String description, @Nullable Object defaultValue) {
	}

}
