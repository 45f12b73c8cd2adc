package io.concord.hashing;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar; weights after Schindelhauer and
 * Schomaker): every node bids for a key, the highest bid wins. Nothing moves but what
 * must, at the price of a look at every node.
 * <p>
 * A bid is a hash h of key and node in (0, 1), weighted as −w / ln h. Among nodes of the
 * same weight the greatest h has the greatest bid, so the logarithm is only computed once
 * for each different weight, and not at all if there is only one. It is that of
 * {@link StrictMath}: the last bit of another may differ between machines, and with it
 * the winner.
 */
final class RendezvousPartitioner<N> extends HashPartitioner<N> {

	/** A bid has 52 bits: with a half added, a {@code double} still holds it exactly. */
	private static final int UNUSED_BITS = 12;

	/** Hashes of the names, those of the same weight side by side. */
	private final long[] hashes;

	private final int[] indexes;

	/** Where the nodes of each weight end. */
	private final int[] ends;

	private final double[] weights;

	RendezvousPartitioner(Collection<Node<N>> nodes) {
		super(new NodeTable<>(nodes));
		List<Node<N>> weighted = this.table.weighted();
		this.indexes = IntStream.range(0, size())
			.boxed()
			.sorted(Comparator.comparingInt((index) -> weighted.get(index).weight()))
			.mapToInt(Integer::intValue)
			.toArray();
		this.hashes = IntStream.of(this.indexes)
			.mapToLong((index) -> Hash64.ofText(weighted.get(index).name()))
			.toArray();
		this.ends = IntStream.rangeClosed(1, size())
			.filter((end) -> end == size() || weightAt(end) != weightAt(end - 1))
			.toArray();
		this.weights = IntStream.of(this.ends).mapToDouble((end) -> weightAt(end - 1)).toArray();
	}

	private int weightAt(int place) {
		return at(this.indexes[place]).weight();
	}

	@Override
	int indexFor(long hash) {
		int best = bestOf(hash, 0, this.ends[0]);
		if (this.ends.length == 1) {
			return this.indexes[best];
		}
		double bestBid = bid(hash, best, this.weights[0]);
		for (int i = 1; i < this.ends.length; i++) {
			int candidate = bestOf(hash, this.ends[i - 1], this.ends[i]);
			double bid = bid(hash, candidate, this.weights[i]);
			if (bid > bestBid) {
				best = candidate;
				bestBid = bid;
			}
		}
		return this.indexes[best];
	}

	private int bestOf(long hash, int from, int end) {
		int best = from;
		long greatest = -1;
		for (int i = from; i < end; i++) {
			long drawn = draw(hash, i);
			if (drawn > greatest) {
				greatest = drawn;
				best = i;
			}
		}
		return best;
	}

	private long draw(long hash, int place) {
		return Hash64.mix(hash ^ this.hashes[place]) >>> UNUSED_BITS;
	}

	private double bid(long hash, int place, double weight) {
		return -weight / StrictMath.log((draw(hash, place) + 0.5) * 0x1.0p-52);
	}

	@Override
	void indexesFor(long hash, int[] found) {
		double[] bids = new double[size()];
		for (int i = 0; i < this.ends.length; i++) {
			for (int place = (i == 0) ? 0 : this.ends[i - 1]; place < this.ends[i]; place++) {
				bids[place] = bid(hash, place, this.weights[i]);
			}
		}
		int[] places = IntStream.range(0, size())
			.boxed()
			.sorted(Comparator.comparingDouble((place) -> -bids[place]))
			.limit(found.length)
			.mapToInt((place) -> this.indexes[place])
			.toArray();
		System.arraycopy(places, 0, found, 0, found.length);
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new RendezvousPartitioner<>(nodes);
	}

}
