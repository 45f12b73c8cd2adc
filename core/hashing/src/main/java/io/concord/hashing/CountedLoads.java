package io.concord.hashing;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Loads that are counted by hand, by the names of nodes. Safe for use by many threads;
 * keeps nothing of a node without load.
 *
 * @param <N> type of what stands behind a node
 */
public final class CountedLoads<N> implements Loads<N> {

	private final ConcurrentMap<String, Long> loads = new ConcurrentHashMap<>();

	private final LongAdder total = new LongAdder();

	/**
	 * Adds one to the load of a node. Every call needs one of {@link #end} in a
	 * {@code finally} block.
	 * @param node the node
	 */
	public void begin(Node<N> node) {
		this.loads.merge(node.name(), 1L, Long::sum);
		this.total.increment();
	}

	/**
	 * Takes one from the load of a node.
	 * @param node the node
	 * @throws IllegalStateException if it has none
	 */
	public void end(Node<N> node) {
		boolean[] had = new boolean[1];
		this.loads.computeIfPresent(node.name(), (name, load) -> {
			had[0] = true;
			return (load > 1) ? load - 1 : null;
		});
		if (!had[0]) {
			throw new IllegalStateException("Node '" + node.name() + "' has no load that could end");
		}
		this.total.decrement();
	}

	@Override
	public long loadOf(Node<N> node) {
		return this.loads.getOrDefault(node.name(), 0L);
	}

	@Override
	public long total() {
		return Math.max(0, this.total.sum());
	}

}
