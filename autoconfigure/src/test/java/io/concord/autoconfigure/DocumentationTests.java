package io.concord.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

import io.concord.autoconfigure.election.ElectionProperties;
import io.concord.autoconfigure.idgen.IdgenProperties;
import io.concord.autoconfigure.loadbalancer.DiscoveryProperties;
import io.concord.autoconfigure.loadbalancer.LoadBalancerProperties;
import io.concord.autoconfigure.lock.LockProperties;
import io.concord.autoconfigure.ratelimit.RateLimitProperties;
import io.concord.autoconfigure.sharding.ShardingProperties;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps the examples of README and reference working: Java compiles, YAML binds, links
 * lead somewhere.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..");

	private static final Path SNIPPETS = Path.of("src/test/java/io/concord/autoconfigure/DocumentedSnippets.java");

	private static final List<String> MAPS = List.of("concord.loadbalancer.clients", "concord.discovery.metadata",
			"concord.election.elections", "concord.idgen.generators", "concord.ratelimit.rules", "concord.sharding");

	private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");

	private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]*))?\\)");

	private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

	static List<Path> pages() throws IOException {
		try (Stream<Path> pages = Files.walk(ROOT.resolve("docs"))) {
			return Stream
				.concat(Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(ROOT::resolve),
						pages.filter((path) -> path.toString().endsWith(".md")).sorted())
				.toList();
		}
	}

	static List<Example> examples() throws IOException {
		List<Example> examples = new ArrayList<>();
		for (Path page : pages()) {
			FENCE.matcher(Files.readString(page))
				.results()
				.forEach((fence) -> examples.add(new Example(page, fence.group(1), fence.group(2))));
		}
		return examples;
	}

	static List<Example> java() throws IOException {
		return examples().stream().filter((example) -> example.language().equals("java")).toList();
	}

	static List<Example> yaml() throws IOException {
		return examples().stream().filter((example) -> example.language().equals("yaml")).toList();
	}

	/** Its lines stand in the snippets in this order; what is between is left out. */
	@ParameterizedTest
	@MethodSource("java")
	void javaCompiles(Example example) throws IOException {
		List<String> snippets = Files.readAllLines(SNIPPETS).stream().map(String::strip).toList();
		int next = 0;
		for (String line : example.text().lines().map(String::strip).filter((line) -> !line.isEmpty()).toList()) {
			int found = snippets.subList(next, snippets.size()).indexOf(line);
			assertThat(found).as("In %s, but not (or not in this order) in %s: %s", example.page(), SNIPPETS, line)
				.isNotNegative();
			next += found + 1;
		}
	}

	@ParameterizedTest
	@MethodSource("yaml")
	void yamlBinds(Example example) throws IOException {
		StandardEnvironment environment = new StandardEnvironment();
		for (PropertySource<?> source : new YamlPropertySourceLoader().load(example.page().toString(),
				new ByteArrayResource(example.text().getBytes(StandardCharsets.UTF_8)))) {
			environment.getPropertySources().addFirst(source);
		}
		Set<String> names = concordNames(environment);
		assertThat(names).as("Properties of Concord in %s", example.page()).isNotEmpty();
		assertThat(new ConfigurationMetadata().properties()).extracting(ConfigurationMetadata.Property::name)
			.containsAll(names.stream().map(DocumentationTests::withoutNameInMap).toList());
		Binder binder = Binder.get(environment);
		binder.bind("concord", Bindable.ofInstance(new ConcordProperties()));
		binder.bind("concord.lock", Bindable.ofInstance(new LockProperties()));
		binder.bind("concord.election", Bindable.ofInstance(new ElectionProperties()),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		binder.bind("concord.ratelimit", Bindable.ofInstance(new RateLimitProperties()),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		binder.bind("concord.sharding", Bindable.mapOf(String.class, ShardingProperties.Distribution.class),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		binder.bind("concord.loadbalancer", Bindable.ofInstance(new LoadBalancerProperties()),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		binder.bind("concord.discovery", Bindable.ofInstance(new DiscoveryProperties()),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
		binder.bind("concord.idgen", Bindable.ofInstance(new IdgenProperties()),
				new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
	}

	/** Metadata knows the map, but not what users call its entries, nor their numbers. */
	private static String withoutNameInMap(String fullName) {
		String name = fullName.replaceAll("\\[.*", "");
		return MAPS.stream().filter((map) -> name.startsWith(map + ".")).findFirst().orElse(name);
	}

	private static Set<String> concordNames(StandardEnvironment environment) {
		return environment.getPropertySources()
			.stream()
			.filter(EnumerablePropertySource.class::isInstance)
			.flatMap((source) -> Stream.of(((EnumerablePropertySource<?>) source).getPropertyNames()))
			.filter((name) -> name.startsWith("concord."))
			.collect(Collectors.toSet());
	}

	@ParameterizedTest
	@MethodSource("pages")
	void linksLeadSomewhere(Path page) throws IOException {
		for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
			Path target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
			assertThat(target).as("%s in %s", link.group(), page).exists();
			if (link.group(2) != null) {
				assertThat(anchors(target)).as("%s in %s", link.group(), page).contains(link.group(2));
			}
		}
	}

	/** As GitHub makes them of headings: those of a page have different ones here. */
	private static List<String> anchors(Path page) throws IOException {
		return HEADING.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""))
			.results()
			.map((heading) -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
			.toList();
	}

	record Example(Path page, String language, String text) {

		@Override
		public String toString() {
			return this.page.getFileName() + ": " + this.text.lines().findFirst().orElse("");
		}

	}

}
