package io.concord.hashing;

import java.util.Collection;
import java.util.List;

/**
 * Says which node a key belongs to. An immutable snapshot of its nodes: to change them
 * means to create another one by {@link #withNodes}, as {@link LivePartitioner} does for
 * its readers. Safe for use by many threads; a look-up takes no lock and, unless the
 * factory in {@link Partitioners} says otherwise, allocates nothing.
 * <p>
 * The answer depends on the key and on the names and weights of the nodes, never on their
 * order, the process or the machine. A whole number and its decimal text are the same
 * key.
 *
 * @param <N> type of what stands behind a node
 */
public interface Partitioner<N> {

	/**
	 * Returns the node of a key.
	 * @param key the key; may be empty
	 * @return its node
	 * @throws NoNodeException if there is no node for it
	 */
	Node<N> nodeFor(String key);

	/**
	 * Returns the node of a key that is a number.
	 * @param key the key
	 * @return the node that {@code nodeFor(Long.toString(key))} returns
	 * @throws NoNodeException if there is no node for it
	 */
	Node<N> nodeFor(long key);

	/**
	 * Returns where replicas of a key belong, or where to try next.
	 * @param key the key; may be empty
	 * @param count how many nodes are wanted; not negative
	 * @return different nodes, the one of {@link #nodeFor(String)} first; fewer than
	 * wanted if not so many have a weight or the algorithm knows of no other
	 * @throws NoNodeException if there is no node for the key
	 */
	List<Node<N>> nodesFor(String key, int count);

	/**
	 * Returns the nodes.
	 * @return all nodes in the order of their names, also those of weight 0; unmodifiable
	 */
	List<Node<N>> nodes();

	/**
	 * Returns the same algorithm over other nodes. Leaves this partitioner as it is.
	 * @param nodes the other nodes; may be empty
	 * @return a new partitioner
	 * @throws IllegalArgumentException if the algorithm can't work on them, or two have
	 * the same name
	 */
	Partitioner<N> withNodes(Collection<Node<N>> nodes);

}
