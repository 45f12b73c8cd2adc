package io.concord.hashing;

import java.util.Collection;
import java.util.function.LongSupplier;

/**
 * Any node, by weight, whatever the key.
 */
final class RandomPartitioner<N> extends HashPartitioner<N> {

	private final Slots slots;

	private final LongSupplier random;

	RandomPartitioner(Collection<Node<N>> nodes, LongSupplier random) {
		super(new NodeTable<>(nodes));
		this.slots = new Slots(this.table.weighted());
		this.random = random;
	}

	@Override
	int indexFor(long hash) {
		return this.slots.indexFor(this.random.getAsLong());
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new RandomPartitioner<>(nodes, this.random);
	}

}
