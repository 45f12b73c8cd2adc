package io.concord.hashing;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * The algorithms. Without a reason for another, take {@link #rendezvous} up to about a
 * hundred nodes and {@link #maglev} beyond. All throw {@link IllegalArgumentException} if
 * two nodes have the same name.
 */
public final class Partitioners {

	/** Points on a ring per weight, if nothing else is said. */
	public static final int DEFAULT_RING_POINTS = 160;

	private Partitioners() {
	}

	/**
	 * Weighted rendezvous hashing: even to the weights, and nothing moves but what must.
	 * Looks at every node. The second of {@link Partitioner#nodesFor} is where a key goes
	 * when the first leaves.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @return a partitioner
	 */
	public static <N> Partitioner<N> rendezvous(Collection<Node<N>> nodes) {
		return new RendezvousPartitioner<>(nodes);
	}

	/**
	 * Consistent hashing on a ring with {@value #DEFAULT_RING_POINTS} points per weight.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @return a partitioner
	 * @see #ring(Collection, int)
	 */
	public static <N> Partitioner<N> ring(Collection<Node<N>> nodes) {
		return ring(nodes, DEFAULT_RING_POINTS);
	}

	/**
	 * Consistent hashing on a ring: nothing moves but what must, and how even it is
	 * depends on the number of points. A look-up takes the same time at any number of
	 * nodes. The second of {@link Partitioner#nodesFor} is where a key goes when the
	 * first leaves.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @param pointsPerWeight how many points a node of weight 1 has. If there would be
	 * more than four million points in all, every node has fewer in proportion
	 * @return a partitioner
	 * @throws IllegalArgumentException if the number of points is not positive
	 */
	public static <N> Partitioner<N> ring(Collection<Node<N>> nodes, int pointsPerWeight) {
		return new RingPartitioner<>(nodes, pointsPerWeight);
	}

	/**
	 * Maglev hashing with a table whose size follows from the number of nodes: 65,537 up
	 * to 1,310 of them, then 655,373 up to 13,107, then 6,553,621, which takes a second
	 * to fill. Where the size changes, almost all keys move.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @return a partitioner
	 */
	public static <N> Partitioner<N> maglev(Collection<Node<N>> nodes) {
		return new MaglevPartitioner<>(nodes, 0);
	}

	/**
	 * Maglev hashing: even to the weights and fastest at any number of nodes; a change
	 * also moves some keys between nodes that it does not concern.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @param tableSize a prime up to 6,553,621, a hundred times the number of nodes or
	 * more
	 * @return a partitioner
	 * @throws IllegalArgumentException if the size is no such prime or smaller than the
	 * number of nodes
	 */
	public static <N> Partitioner<N> maglev(Collection<Node<N>> nodes, int tableSize) {
		return new MaglevPartitioner<>(nodes, MaglevPartitioner.requirePrime(tableSize));
	}

	/**
	 * Jump consistent hashing, for shards that are numbered and only ever added or
	 * removed at the end. Needs no memory.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes, of weight 1, with names that end in the numbers from 0 on;
	 * may be empty
	 * @return a partitioner
	 * @throws IllegalArgumentException if a name or a weight does not fit
	 */
	public static <N> Partitioner<N> jump(Collection<Node<N>> nodes) {
		return new JumpPartitioner<>(nodes);
	}

	/**
	 * The hash modulo the sum of the weights, for nodes that never change: almost all
	 * keys move when one does.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @return a partitioner
	 */
	public static <N> Partitioner<N> modulo(Collection<Node<N>> nodes) {
		return new ModuloPartitioner<>(nodes);
	}

	/**
	 * Any node, by weight, at each look-up another: for work that can be done anywhere.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @return a partitioner
	 */
	public static <N> Partitioner<N> random(Collection<Node<N>> nodes) {
		return random(nodes, () -> ThreadLocalRandom.current().nextLong());
	}

	/**
	 * Any node, by weight, by random numbers of the caller.
	 * @param <N> type of what stands behind a node
	 * @param nodes the nodes; may be empty
	 * @param random numbers over the whole range of {@code long}; called by many threads
	 * @return a partitioner
	 */
	public static <N> Partitioner<N> random(Collection<Node<N>> nodes, LongSupplier random) {
		return new RandomPartitioner<>(nodes, random);
	}

	/**
	 * Ranges of whole numbers. Weights mean nothing. A key that is no number or in no
	 * range has no node; there are no replicas.
	 * @param <N> type of what stands behind a node
	 * @param ranges the ranges, whose bounds are whole numbers that fit a {@code long}
	 * @param nodes the nodes
	 * @return a partitioner
	 * @throws IllegalArgumentException if ranges overlap or are empty, a bound is no
	 * number, or there is no node of a name
	 */
	public static <N> Partitioner<N> numberRanges(Collection<KeyRange> ranges, Collection<Node<N>> nodes) {
		return new RangePartitioner<>(ranges, nodes, true);
	}

	/**
	 * Ranges of texts, compared by {@link String#compareTo}: by UTF-16 code units, not by
	 * a language, so that {@code "10" < "9"} and {@code "Z" < "a"}. Weights mean nothing.
	 * A key in no range has no node; there are no replicas. A key that is a number is
	 * turned into text.
	 * @param <N> type of what stands behind a node
	 * @param ranges the ranges
	 * @param nodes the nodes
	 * @return a partitioner
	 * @throws IllegalArgumentException if ranges overlap or are empty, or there is no
	 * node of a name
	 */
	public static <N> Partitioner<N> textRanges(Collection<KeyRange> ranges, Collection<Node<N>> nodes) {
		return new RangePartitioner<>(ranges, nodes, false);
	}

	/**
	 * Named keys at named nodes. Any other key has no node; there are no replicas. A key
	 * that is a number is turned into text.
	 * @param <N> type of what stands behind a node
	 * @param mapping from keys to names of nodes
	 * @param nodes the nodes
	 * @return a partitioner
	 * @throws IllegalArgumentException if there is no node of a name
	 */
	public static <N> Partitioner<N> mapping(Map<String, String> mapping, Collection<Node<N>> nodes) {
		return new MappingPartitioner<>(mapping, nodes, null);
	}

	/**
	 * Named keys at named nodes, all others as another partitioner says: such as a large
	 * tenant at a node of its own, which has weight 0 and so gets nothing else.
	 * @param <N> type of what stands behind a node
	 * @param mapping from keys to names of nodes of the other
	 * @param others the other partitioner
	 * @return a partitioner
	 * @throws IllegalArgumentException if the other has no node of a name
	 */
	public static <N> Partitioner<N> mapping(Map<String, String> mapping, Partitioner<N> others) {
		return new MappingPartitioner<>(mapping, others.nodes(), others);
	}

	/**
	 * Bounds the load of each node: where that of a key is full, the key goes to a random
	 * one that has room, in proportion to the weights. The same key tries the same nodes.
	 * For caches and calls, not for data, which is where it is.
	 * <p>
	 * Whoever uses the node that was returned adds to its load; a look-up adds nothing.
	 * Between the two, other threads may get the same answer, so that the bound can be
	 * exceeded by the number of threads.
	 * @param <N> type of what stands behind a node
	 * @param bounded says where a key belongs while there is room
	 * @param factor how many times its share of the load a node may have, from 1.01 to
	 * 1000, such as 1.25
	 * @param loads how busy the nodes are
	 * @return a partitioner
	 * @throws IllegalArgumentException if the factor is out of range
	 */
	public static <N> Partitioner<N> boundedLoad(Partitioner<N> bounded, double factor, Loads<N> loads) {
		return new BoundedLoadPartitioner<>(bounded, factor, loads);
	}

}
