package io.concord.hashing;

import java.util.Collection;

/**
 * The hash modulo the number of slots. Even, and almost everything moves when a node
 * joins or leaves.
 */
final class ModuloPartitioner<N> extends HashPartitioner<N> {

	private final Slots slots;

	ModuloPartitioner(Collection<Node<N>> nodes) {
		super(new NodeTable<>(nodes));
		this.slots = new Slots(this.table.weighted());
	}

	@Override
	int indexFor(long hash) {
		return this.slots.indexFor(hash);
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new ModuloPartitioner<>(nodes);
	}

}
