package io.concord.hashing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Named keys at named nodes, all others by another partitioner or nowhere.
 */
final class MappingPartitioner<N> implements Partitioner<N> {

	private final Map<String, String> mapping;

	private final NodeTable<N> table;

	private final Map<String, Node<N>> owners;

	private final @Nullable Partitioner<N> others;

	MappingPartitioner(Map<String, String> mapping, Collection<Node<N>> nodes, @Nullable Partitioner<N> others) {
		this.mapping = Map.copyOf(mapping);
		this.table = new NodeTable<>(nodes);
		this.owners = new HashMap<>();
		this.mapping.forEach((key, name) -> this.owners.put(key, this.table.named(name)));
		this.others = others;
	}

	@Override
	public Node<N> nodeFor(String key) {
		Node<N> owner = this.owners.get(key);
		if (owner != null) {
			return owner;
		}
		if (this.others == null) {
			throw new NoNodeException("The key " + NoNodeException.shown(key) + " is mapped to no node");
		}
		return this.others.nodeFor(key);
	}

	@Override
	public Node<N> nodeFor(long key) {
		return nodeFor(Long.toString(key));
	}

	@Override
	public List<Node<N>> nodesFor(String key, int count) {
		Node<N> first = nodeFor(key);
		if (count < 1) {
			return List.of();
		}
		List<Node<N>> found = new ArrayList<>();
		found.add(first);
		if (this.others != null) {
			for (Node<N> node : this.others.nodesFor(key, count)) {
				if (found.size() < count && !node.name().equals(first.name())) {
					found.add(node);
				}
			}
		}
		return List.copyOf(found);
	}

	@Override
	public List<Node<N>> nodes() {
		return this.table.all();
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new MappingPartitioner<>(this.mapping, nodes,
				(this.others != null) ? this.others.withNodes(nodes) : null);
	}

}
