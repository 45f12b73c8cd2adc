package io.concord.hashing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam), but a full
 * node spills to random ones instead of to its neighbour, whom the overflow of one hot
 * node would fill up next, and so on around the ring. What is random is drawn from the
 * hash of the key, so that the same key spills to the same nodes and finds its cache
 * there.
 */
final class BoundedLoadPartitioner<N> implements Partitioner<N> {

	/** Draws before all nodes are looked at. */
	private static final int DRAWS = 16;

	private final Partitioner<N> bounded;

	private final double factor;

	private final Loads<N> loads;

	private final NodeTable<N> table;

	private final Slots slots;

	private final long weights;

	BoundedLoadPartitioner(Partitioner<N> bounded, double factor, Loads<N> loads) {
		if (!(factor >= 1.01 && factor <= 1_000)) {
			throw new IllegalArgumentException(
					"The bound of loads must be between 1.01 and 1000 times the mean, not " + factor);
		}
		this.bounded = bounded;
		this.factor = factor;
		this.loads = loads;
		this.table = new NodeTable<>(bounded.nodes());
		this.slots = new Slots(this.table.weighted());
		this.weights = this.table.weighted().stream().mapToLong(Node::weight).sum();
	}

	@Override
	public Node<N> nodeFor(String key) {
		return withinBound(this.bounded.nodeFor(key), Hash64.of(key));
	}

	@Override
	public Node<N> nodeFor(long key) {
		return withinBound(this.bounded.nodeFor(key), Hash64.of(key));
	}

	private Node<N> withinBound(Node<N> first, long hash) {
		double perWeight = this.factor * (this.loads.total() + 1) / this.weights;
		if (hasRoom(first, perWeight)) {
			return first;
		}
		List<Node<N>> nodes = this.table.weighted();
		for (int i = 1; i <= DRAWS; i++) {
			Node<N> drawn = nodes.get(this.slots.indexFor(Hash64.derive(hash, i)));
			if (hasRoom(drawn, perWeight)) {
				return drawn;
			}
		}
		// Others may have filled up since the total was read, so there may be no room.
		Node<N> least = first;
		double leastLoad = Double.MAX_VALUE;
		for (int i = 0; i < nodes.size(); i++) {
			Node<N> node = nodes.get(i);
			double load = (double) this.loads.loadOf(node) / node.weight();
			if (load < leastLoad) {
				least = node;
				leastLoad = load;
			}
		}
		return least;
	}

	private boolean hasRoom(Node<N> node, double perWeight) {
		return this.loads.loadOf(node) < Math.ceil(perWeight * node.weight());
	}

	@Override
	public List<Node<N>> nodesFor(String key, int count) {
		Node<N> first = nodeFor(key);
		if (count < 1) {
			return List.of();
		}
		Set<Node<N>> found = new LinkedHashSet<>();
		found.add(first);
		found.addAll(this.bounded.nodesFor(key, count));
		return List.copyOf(new ArrayList<>(found).subList(0, Math.min(count, found.size())));
	}

	@Override
	public List<Node<N>> nodes() {
		return this.table.all();
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new BoundedLoadPartitioner<>(this.bounded.withNodes(nodes), this.factor, this.loads);
	}

}
