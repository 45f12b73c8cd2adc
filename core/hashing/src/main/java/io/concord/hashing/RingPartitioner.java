package io.concord.hashing;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Consistent hashing on a ring: each node has many points on it, and a key belongs to the
 * first point at or after its hash.
 * <p>
 * A point is one {@code long}, a hash of {@value #HASH_BITS} bits above the place of its
 * node, so that a sort of numbers orders the ring, and two points of the same hash are
 * ordered by the names of their nodes. A second array tells where to begin to look for
 * the upper bits of a hash, so that a look-up takes a few steps whatever the number of
 * points.
 */
final class RingPartitioner<N> extends HashPartitioner<N> {

	private static final int INDEX_BITS = 20;

	private static final int HASH_BITS = 63 - INDEX_BITS;

	private static final int INDEX_MASK = (1 << INDEX_BITS) - 1;

	/** 32 MB. Beyond, all nodes get fewer points in proportion. */
	static final int MAX_POINTS = 1 << 22;

	private final int pointsPerWeight;

	private final long[] points;

	/** For each value of the upper bits, the first point that is not below it. */
	private final int[] starts;

	private final int shift;

	RingPartitioner(Collection<Node<N>> nodes, int pointsPerWeight) {
		super(new NodeTable<>(nodes));
		if (pointsPerWeight < 1 || pointsPerWeight > MAX_POINTS) {
			throw new IllegalArgumentException("The points on the ring per weight must be between 1 and " + MAX_POINTS
					+ ", not " + pointsPerWeight);
		}
		this.pointsPerWeight = pointsPerWeight;
		this.points = points(this.table.weighted(), pointsPerWeight);
		int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(this.points.length));
		this.shift = 63 - bits;
		this.starts = new int[1 << bits];
		int at = 0;
		for (int i = 0; i < this.starts.length; i++) {
			while (at < this.points.length && this.points[at] < (long) i << this.shift) {
				at++;
			}
			this.starts[i] = at;
		}
	}

	private static long[] points(List<? extends Node<?>> nodes, int pointsPerWeight) {
		long weights = nodes.stream().mapToLong(Node::weight).sum();
		double points = Math.min(pointsPerWeight, (double) MAX_POINTS / Math.max(1, weights));
		int[] counts = nodes.stream().mapToInt((node) -> (int) Math.max(1, node.weight() * points)).toArray();
		long[] ring = new long[Arrays.stream(counts).sum()];
		int at = 0;
		for (int i = 0; i < counts.length; i++) {
			long hash = Hash64.ofText(nodes.get(i).name());
			for (int point = 0; point < counts[i]; point++) {
				ring[at++] = position(Hash64.derive(hash, point)) | i;
			}
		}
		Arrays.sort(ring);
		return ring;
	}

	private static long position(long hash) {
		return (hash >>> 1) & ~INDEX_MASK;
	}

	private int pointFor(long hash) {
		long position = position(hash);
		int at = this.starts[(int) (position >>> this.shift)];
		while (at < this.points.length && this.points[at] < position) {
			at++;
		}
		return (at < this.points.length) ? at : 0;
	}

	@Override
	int indexFor(long hash) {
		return (int) this.points[pointFor(hash)] & INDEX_MASK;
	}

	@Override
	void indexesFor(long hash, int[] found) {
		boolean[] taken = new boolean[size()];
		int count = 0;
		for (int at = pointFor(hash); count < found.length; at = (at + 1) % this.points.length) {
			int index = (int) this.points[at] & INDEX_MASK;
			if (!taken[index]) {
				taken[index] = true;
				found[count++] = index;
			}
		}
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new RingPartitioner<>(nodes, this.pointsPerWeight);
	}

}
