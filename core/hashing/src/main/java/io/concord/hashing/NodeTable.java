package io.concord.hashing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Nodes in the order of their names, so that no algorithm can depend on the order in
 * which they were given.
 */
final class NodeTable<N> {

	/** Also bounds what a ring packs into a point. */
	static final int MAX_NODES = 1 << 20;

	private final List<Node<N>> all;

	private final Map<String, Node<N>> byName;

	/** Those that have a weight. */
	private final List<Node<N>> weighted;

	NodeTable(Collection<Node<N>> nodes) {
		if (nodes.size() > MAX_NODES) {
			throw new IllegalArgumentException(
					"There can't be more than " + MAX_NODES + " nodes, and these are " + nodes.size());
		}
		List<Node<N>> sorted = new ArrayList<>(nodes);
		sorted.sort(Comparator.comparing(Node::name));
		this.byName = new HashMap<>(sorted.size() * 2);
		List<Node<N>> weighted = new ArrayList<>(sorted.size());
		for (Node<N> node : sorted) {
			if (this.byName.put(node.name(), node) != null) {
				throw new IllegalArgumentException("Two nodes have the name '" + node.name() + "'");
			}
			if (node.weight() > 0) {
				weighted.add(node);
			}
		}
		this.all = List.copyOf(sorted);
		this.weighted = List.copyOf(weighted);
	}

	List<Node<N>> all() {
		return this.all;
	}

	List<Node<N>> weighted() {
		return this.weighted;
	}

	/**
	 * @throws IllegalArgumentException if there is none
	 */
	Node<N> named(String name) {
		Node<N> node = this.byName.get(name);
		if (node == null) {
			throw new IllegalArgumentException(
					"There is no node '" + name + "'. The nodes are " + this.all.stream().map(Node::name).toList());
		}
		return node;
	}

	/**
	 * Refuses to answer where no node has a weight.
	 */
	void requireWeighted() {
		if (this.weighted.isEmpty()) {
			throw new NoNodeException(this.all.isEmpty() ? "There are no nodes" : "All nodes have weight 0");
		}
	}

}
