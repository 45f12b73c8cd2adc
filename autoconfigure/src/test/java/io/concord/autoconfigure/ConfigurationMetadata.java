package io.concord.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

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
			.map((item) -> new Property((String) item.get("name"), (String) item.get("type"),
					(String) item.get("description"), item.get("defaultValue")))
			.sorted(Comparator.comparing(Property::name))
			.toList();
	}

	List<String> hintedProperties() {
		return items("hints").stream().map((item) -> (String) item.get("name")).toList();
	}

	@SuppressWarnings("unchecked")
	private List<Map<String, Object>> items(String key) {
		return (List<Map<String, Object>>) this.content.get(key);
	}

	record Property(String name, String type, String description, Object defaultValue) {
	}

}
