package io.concord.hashing;

/**
 * How busy nodes are. Safe for use by many threads; read at each look-up of a
 * {@linkplain Partitioners#boundedLoad bounded} partitioner, so it must be quick.
 *
 * @param <N> type of what stands behind a node
 */
public interface Loads<N> {

	/**
	 * Returns how much a node has to do.
	 * @param node the node
	 * @return such as calls in flight; not negative
	 */
	long loadOf(Node<N> node);

	/**
	 * Returns how much all nodes have to do together.
	 * @return the sum over the nodes, which may lag behind the parts
	 */
	long total();

}
