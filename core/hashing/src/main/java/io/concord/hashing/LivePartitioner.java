package io.concord.hashing;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * A partitioner whose nodes change while it is used. Each look-up sees the nodes of
 * before or after a change, never something between; who needs several answers of one
 * moment takes the {@link #current()} snapshot. Safe for use by many threads; readers
 * wait for nobody.
 * <p>
 * It changes where keys belong, and moves no data: what to move, a {@link MovementReport}
 * between the snapshots says.
 *
 * @param <N> type of what stands behind a node
 */
public final class LivePartitioner<N> implements Partitioner<N> {

	/** Orders the writers. */
	private final ReentrantLock changing = new ReentrantLock();

	private volatile Partitioner<N> current;

	/**
	 * Creates a partitioner.
	 * @param initial what to begin with
	 */
	public LivePartitioner(Partitioner<N> initial) {
		this.current = initial;
	}

	/**
	 * Returns the partitioner of this moment.
	 * @return an immutable snapshot
	 */
	public Partitioner<N> current() {
		return this.current;
	}

	/**
	 * Changes the nodes. Changes of several threads follow one another.
	 * @param change from the nodes of before to those of after; other changes wait for it
	 * @return the new snapshot
	 * @throws IllegalArgumentException if the algorithm can't work on them; then nothing
	 * has changed
	 */
	public Partitioner<N> update(UnaryOperator<Collection<Node<N>>> change) {
		this.changing.lock();
		try {
			Partitioner<N> before = this.current;
			Partitioner<N> after = before.withNodes(change.apply(before.nodes()));
			this.current = after;
			return after;
		}
		finally {
			this.changing.unlock();
		}
	}

	@Override
	public Node<N> nodeFor(String key) {
		return this.current.nodeFor(key);
	}

	@Override
	public Node<N> nodeFor(long key) {
		return this.current.nodeFor(key);
	}

	@Override
	public List<Node<N>> nodesFor(String key, int count) {
		return this.current.nodesFor(key, count);
	}

	@Override
	public List<Node<N>> nodes() {
		return this.current.nodes();
	}

	/**
	 * Returns the algorithm of this moment over other nodes; changes nothing here.
	 */
	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return this.current.withNodes(nodes);
	}

}
