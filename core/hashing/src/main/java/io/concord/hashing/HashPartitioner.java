package io.concord.hashing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What all partitioners share that look at nothing but the hash of a key.
 */
abstract class HashPartitioner<N> implements Partitioner<N> {

	/** After this many tries per node, the other nodes are taken in turn. */
	private static final int TRIES = 8;

	final NodeTable<N> table;

	private final List<Node<N>> weighted;

	HashPartitioner(NodeTable<N> table) {
		this.table = table;
		this.weighted = table.weighted();
	}

	/**
	 * Returns the place of a node among those that have a weight.
	 * @param hash hash of the key
	 * @return the place; there is at least one node
	 */
	abstract int indexFor(long hash);

	/**
	 * Fills in the places of different nodes, the one of {@link #indexFor} first. Here:
	 * where the key would go under other hashes.
	 * @param hash hash of the key
	 * @param found as long as many as are wanted, no longer than there are nodes
	 */
	void indexesFor(long hash, int[] found) {
		boolean[] taken = new boolean[size()];
		int count = 0;
		for (long i = 0; count < found.length && i < (long) TRIES * size(); i++) {
			int index = indexFor((i == 0) ? hash : Hash64.derive(hash, i));
			if (!taken[index]) {
				taken[index] = true;
				found[count++] = index;
			}
		}
		for (int index = found[0]; count < found.length; index = (index + 1) % size()) {
			if (!taken[index]) {
				taken[index] = true;
				found[count++] = index;
			}
		}
	}

	final int size() {
		return this.weighted.size();
	}

	final Node<N> at(int index) {
		return this.weighted.get(index);
	}

	@Override
	public final Node<N> nodeFor(String key) {
		return nodeForHash(Hash64.of(key));
	}

	@Override
	public final Node<N> nodeFor(long key) {
		return nodeForHash(Hash64.of(key));
	}

	final Node<N> nodeForHash(long hash) {
		if (this.weighted.isEmpty()) {
			this.table.requireWeighted();
		}
		return at(indexFor(hash));
	}

	@Override
	public final List<Node<N>> nodesFor(String key, int count) {
		long hash = Hash64.of(key);
		this.table.requireWeighted();
		int[] found = new int[Math.min(count, size())];
		if (found.length > 0) {
			indexesFor(hash, found);
		}
		List<Node<N>> nodes = new ArrayList<>(found.length);
		Arrays.stream(found).forEach((index) -> nodes.add(at(index)));
		return Collections.unmodifiableList(nodes);
	}

	@Override
	public final List<Node<N>> nodes() {
		return this.table.all();
	}

}
