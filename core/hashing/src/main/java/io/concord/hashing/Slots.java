package io.concord.hashing;

import java.util.Arrays;
import java.util.List;

/**
 * As many slots as the sum of the weights, each node with as many as its weight.
 */
final class Slots {

	/** Where the slots of each node end; empty if all nodes have the same number. */
	private final long[] ends;

	private final long count;

	Slots(List<? extends Node<?>> nodes) {
		boolean even = nodes.stream().mapToInt(Node::weight).distinct().count() <= 1;
		this.ends = new long[even ? 0 : nodes.size()];
		long sum = 0;
		for (int i = 0; i < this.ends.length; i++) {
			sum += nodes.get(i).weight();
			this.ends[i] = sum;
		}
		this.count = even ? nodes.size() : sum;
	}

	/**
	 * Returns which node a hash hits.
	 * @param hash any number
	 * @return the place of the node in the list
	 */
	int indexFor(long hash) {
		long slot = Long.remainderUnsigned(hash, this.count);
		if (this.ends.length == 0) {
			return (int) slot;
		}
		int found = Arrays.binarySearch(this.ends, slot);
		return (found >= 0) ? found + 1 : -found - 1;
	}

}
