package io.concord.autoconfigure.sharding;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import io.concord.autoconfigure.actuate.EndpointFeature;
import io.concord.autoconfigure.sharding.ShardingProperties.Distribution;
import io.concord.hashing.MovementReport;
import io.concord.hashing.NoNodeException;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioner;
import io.concord.sharding.Sharding;
import io.concord.sharding.Shardings;
import io.concord.sharding.UnknownShardingException;

/**
 * Shows on the actuator endpoint how keys are distributed. A name is that of a sharding
 * for the shares of its nodes, or followed by a question: {@code key/<key>} for the node
 * of a key; {@code add/<node>}, {@code add/<node>/<weight>}, {@code remove/<node>} and
 * {@code weight/<node>/<weight>} for what would move. Nothing is ever moved from here.
 */
final class ShardingEndpointFeature implements EndpointFeature {

	private static final int MOVES_SHOWN = 100;

	private final Shardings shardings;

	private final Map<String, Distribution> properties;

	ShardingEndpointFeature(Shardings shardings, ShardingProperties properties) {
		this.shardings = shardings;
		this.properties = Map.copyOf(properties.getSharding());
	}

	@Override
	public String selector() {
		return "shards";
	}

	@Override
	public OperationResponseBody here(boolean showKeys) {
		return new Here(this.shardings.names()
			.stream()
			.sorted()
			.map(this.shardings::get)
			.map((sharding) -> new Summary(sharding.name(), algorithm(sharding), sharding.shards()))
			.toList());
	}

	private String algorithm(Sharding sharding) {
		Distribution distribution = this.properties.get(sharding.name());
		return (distribution != null) ? distribution.getAlgorithm().name().toLowerCase(Locale.ROOT) : "custom";
	}

	@Override
	public OperationResponseBody anywhere(String name) {
		String[] parts = name.split("/", 3);
		try {
			Sharding sharding = this.shardings.get(parts[0]);
			return switch (parts.length) {
				case 1 -> shares(sharding);
				case 3 -> answer(sharding, parts[1], parts[2]);
				default -> throw unknown(name);
			};
		}
		catch (UnknownShardingException | NoNodeException ex) {
			throw new IllegalArgumentException(ex.getMessage(), ex);
		}
	}

	private static OperationResponseBody answer(Sharding sharding, String question, String operand) {
		if (question.equals("key")) {
			return new Owner(sharding.name(), sharding.partitioner().nodeFor(operand).name());
		}
		int slash = operand.lastIndexOf('/');
		String node = (slash < 0) ? operand : operand.substring(0, slash);
		Integer weight = (slash < 0) ? null : weight(operand.substring(slash + 1));
		List<Node<String>> nodes = new ArrayList<>(sharding.partitioner().nodes());
		boolean known = nodes.stream().anyMatch((one) -> one.name().equals(node));
		boolean add = question.equals("add");
		if (add == known) {
			throw new IllegalArgumentException("The sharding '" + sharding.name() + "' has " + (known ? "a" : "no")
					+ " node '" + node + "'. Its nodes are " + sharding.shards());
		}
		if (add) {
			nodes.add(Node.of(node, (weight != null) ? weight : 1));
		}
		else if (question.equals("remove") && weight == null) {
			nodes.removeIf((one) -> one.name().equals(node));
		}
		else if (question.equals("weight") && weight != null) {
			nodes.replaceAll((one) -> one.name().equals(node) ? one.withWeight(weight) : one);
		}
		else {
			throw unknown(question + "/" + operand);
		}
		return whatIf(sharding, nodes);
	}

	private static int weight(String text) {
		try {
			return Integer.parseInt(text);
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException("'" + text + "' is no weight", ex);
		}
	}

	private static IllegalArgumentException unknown(String name) {
		return new IllegalArgumentException("'" + name
				+ "' asks for nothing. Ask for <sharding>, <sharding>/key/<key>, "
				+ "<sharding>/add/<node>[/<weight>], <sharding>/remove/<node> or <sharding>/weight/<node>/<weight>");
	}

	private Shares shares(Sharding sharding) {
		Partitioner<String> partitioner = sharding.partitioner();
		MovementReport report = MovementReport.between(partitioner, partitioner);
		double weights = partitioner.nodes().stream().mapToLong(Node::weight).sum();
		List<Share> shares = partitioner.nodes()
			.stream()
			.map((node) -> new Share(node.name(), node.weight(), (weights > 0) ? node.weight() / weights : 0,
					part(report.before().getOrDefault(node.name(), 0L), report.keys())))
			.toList();
		return new Shares(sharding.name(), algorithm(sharding), report.keys(), report.unplaced(), shares);
	}

	private static WhatIf whatIf(Sharding sharding, List<Node<String>> nodes) {
		MovementReport report = MovementReport.between(sharding.partitioner(), sharding.partitioner().withNodes(nodes));
		return new WhatIf(sharding.name(), report.keys(), report.unplaced(), report.movedShare(),
				report.needlessShare(),
				report.moves()
					.stream()
					.limit(MOVES_SHOWN)
					.map((move) -> new Move(move.from(), move.to(), part(move.keys(), report.keys())))
					.toList());
	}

	private static double part(long keys, long all) {
		return (double) keys / all;
	}

	@Override
	public @Nullable OperationResponseBody release(String name) {
		return null;
	}

	/**
	 * The shardings of this process.
	 *
	 * @param shardings by name
	 */
	record Here(List<Summary> shardings) implements OperationResponseBody {
	}

	/**
	 * A sharding.
	 *
	 * @param name its name
	 * @param algorithm its algorithm
	 * @param nodes names of its nodes
	 */
	record Summary(String name, String algorithm, List<String> nodes) {
	}

	/**
	 * How even keys are distributed, on a sample of numbers.
	 *
	 * @param name name of the sharding
	 * @param algorithm its algorithm
	 * @param sampled how many keys
	 * @param unplaced how many of them have no node
	 * @param nodes the nodes
	 */
	record Shares(String name, String algorithm, long sampled, long unplaced,
			List<Share> nodes) implements OperationResponseBody {
	}

	/**
	 * What a node has of the keys.
	 *
	 * @param node its name
	 * @param weight its weight
	 * @param fairShare what its weight says, from 0 to 1
	 * @param share what it has, from 0 to 1
	 */
	record Share(String node, int weight, double fairShare, double share) {
	}

	/**
	 * Where a key belongs.
	 *
	 * @param name name of the sharding
	 * @param node name of the node
	 */
	record Owner(String name, String node) implements OperationResponseBody {
	}

	/**
	 * What would move, on a sample of numbers.
	 *
	 * @param name name of the sharding
	 * @param sampled how many keys
	 * @param unplaced how many of them have no node before or after
	 * @param moved share of the others that would move
	 * @param needless share of them that would move without need
	 * @param moves the largest moves
	 */
	record WhatIf(String name, long sampled, long unplaced, double moved, double needless,
			List<Move> moves) implements OperationResponseBody {
	}

	/**
	 * Keys that would go from one node to another.
	 *
	 * @param from where they are
	 * @param to where they would be
	 * @param share how many of the keys, from 0 to 1
	 */
	record Move(String from, String to, double share) {
	}

}
