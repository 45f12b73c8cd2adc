package io.concord.autoconfigure.sharding;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.autoconfigure.sharding.ShardingProperties.Algorithm;
import io.concord.autoconfigure.sharding.ShardingProperties.Distribution;
import io.concord.hashing.KeyRange;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioner;
import io.concord.hashing.Partitioners;

/**
 * From one entry of the properties to a partitioner.
 */
final class Partitions {

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");

	private static final Pattern NUMBER = Pattern.compile("-?\\d{1,19}");

	private final String name;

	private final Distribution properties;

	private Partitions(String name, Distribution properties) {
		this.name = name;
		this.properties = properties;
	}

	/**
	 * Creates the partitioners.
	 * @throws InvalidConcordConfigurationException if one can't be as it is configured
	 */
	static Map<String, Partitioner<String>> of(ShardingProperties properties) {
		Map<String, Partitioner<String>> partitioners = new LinkedHashMap<>();
		properties.getSharding()
			.forEach((name, distribution) -> partitioners.put(name, new Partitions(name, distribution).create()));
		return partitioners;
	}

	private Partitioner<String> create() {
		if (!NAME.matcher(this.name).matches()) {
			throw new InvalidConcordConfigurationException(
					"There is a sharding that is called '" + this.name + "' under '" + ShardingProperties.PREFIX + "'.",
					"Rename it: up to 64 letters, digits, underscores and dashes.");
		}
		if (this.properties.getNodes().isEmpty()) {
			throw new InvalidConcordConfigurationException("The sharding '" + this.name + "' has no nodes.",
					"Describe each by '" + property("nodes.<node>") + "', such as '"
							+ property("nodes.shard-0.weight=1") + "'.");
		}
		List<Node<String>> nodes = new ArrayList<>();
		this.properties.getNodes().forEach((node, described) -> nodes.add(node(node, described.getWeight())));
		checkAttributes(nodes);
		Partitioner<String> partitioner;
		try {
			partitioner = partitioner(nodes);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidConcordConfigurationException(
					"The sharding '" + this.name + "' can't be as it is described under '" + property(null) + "': "
							+ ex.getMessage() + ".",
					"Correct it, or choose another algorithm by '" + property("algorithm") + "'.", ex);
		}
		if (partitioner.nodes().stream().noneMatch((node) -> node.weight() > 0)) {
			throw new InvalidConcordConfigurationException(
					"All nodes of the sharding '" + this.name + "' have weight 0.",
					"Raise '" + property("nodes.<node>.weight") + "' of those that are to have keys.");
		}
		return partitioner;
	}

	private Node<String> node(String node, int weight) {
		try {
			return Node.of(node, weight);
		}
		catch (IllegalArgumentException ex) {
			throw InvalidConcordConfigurationException.ofProperty(property("nodes." + node + ".weight"), weight,
					"which can't be: " + ex.getMessage() + ".", "Correct it, or remove it for a weight of 1.");
		}
	}

	private void checkAttributes(List<Node<String>> nodes) {
		Algorithm algorithm = this.properties.getAlgorithm();
		boolean ranges = algorithm == Algorithm.RANGE;
		if (ranges == this.properties.getRanges().isEmpty()) {
			throw InvalidConcordConfigurationException.ofProperty(property("algorithm"), value(algorithm),
					ranges ? "and there are no ranges." : "and there are ranges, which it does not look at.",
					ranges ? "Describe them by '" + property("ranges[0].from") + "', 'to' and 'node'."
							: "Set it to 'range', or remove '" + property("ranges") + "'.");
		}
		if (algorithm == Algorithm.MAPPING && this.properties.getMapping().isEmpty()) {
			throw InvalidConcordConfigurationException.ofProperty(property("algorithm"), value(algorithm),
					"and there is no mapping.", "Name the node of each key by '" + property("mapping.<key>") + "'.");
		}
		if ((ranges || algorithm == Algorithm.MAPPING) && nodes.stream().anyMatch((node) -> node.weight() != 1)) {
			throw InvalidConcordConfigurationException.ofProperty(property("algorithm"), value(algorithm),
					"and nodes have weights, which it does not look at.",
					"Remove '" + property("nodes.<node>.weight") + "'.");
		}
		if (this.properties.getJdbc().getUrl() != null || this.properties.getRedis().getUrl() != null) {
			throw new InvalidConcordConfigurationException(
					"The sharding '" + this.name + "' has a URL for all of its nodes.",
					"Give each its own, by '" + property("nodes.<node>.jdbc.url") + "' or 'redis.url'.");
		}
		if (this.properties.getRingPoints() != null && algorithm != Algorithm.RING) {
			throw InvalidConcordConfigurationException.ofProperty(property("ring-points"),
					this.properties.getRingPoints(),
					"and the algorithm is '" + value(algorithm) + "', which has no ring.",
					"Remove it, or set '" + property("algorithm") + "' to 'ring'.");
		}
	}

	private Partitioner<String> partitioner(List<Node<String>> nodes) {
		Integer points = this.properties.getRingPoints();
		Map<String, String> mapping = this.properties.getMapping();
		Partitioner<String> others = switch (this.properties.getAlgorithm()) {
			case RENDEZVOUS -> Partitioners.rendezvous(nodes);
			case RING -> Partitioners.ring(nodes, (points != null) ? points : Partitioners.DEFAULT_RING_POINTS);
			case MAGLEV -> Partitioners.maglev(nodes);
			case JUMP -> Partitioners.jump(nodes);
			case MODULO -> Partitioners.modulo(nodes);
			case RANDOM -> Partitioners.random(nodes);
			case RANGE -> ranges(nodes);
			case MAPPING -> Partitioners.mapping(Map.of(), nodes);
		};
		return mapping.isEmpty() ? others : Partitioners.mapping(mapping, others);
	}

	private Partitioner<String> ranges(List<Node<String>> nodes) {
		List<KeyRange> ranges = new ArrayList<>();
		for (ShardingProperties.Range range : this.properties.getRanges()) {
			String node = range.getNode();
			if (node == null) {
				throw new InvalidConcordConfigurationException(
						"A range under '" + property("ranges") + "' names no node.",
						"Set its 'node' to one of " + this.properties.getNodes().keySet() + ".");
			}
			ranges.add(new KeyRange(range.getFrom(), range.getTo(), node));
		}
		boolean numbers = ranges.stream()
			.flatMap((range) -> Stream.of(range.from(), range.to()).filter(Partitions::isPresent))
			.allMatch((bound) -> NUMBER.matcher(bound).matches());
		return numbers ? Partitioners.numberRanges(ranges, nodes) : Partitioners.textRanges(ranges, nodes);
	}

	private static boolean isPresent(@Nullable String bound) {
		return bound != null;
	}

	private static String value(Algorithm algorithm) {
		return algorithm.name().toLowerCase(Locale.ROOT);
	}

	private String property(@Nullable String below) {
		return ShardingProperties.PREFIX + "." + this.name + ((below != null) ? "." + below : "");
	}

}
