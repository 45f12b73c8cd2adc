package io.concord.hashing;

import java.util.Arrays;
import java.util.Collection;

/**
 * Jump consistent hash (Lamping and Veach). It numbers its nodes, so it takes the number
 * from the end of the name: a position in a list would shift all that follow when one in
 * the middle leaves, and two thirds of the keys would move.
 */
final class JumpPartitioner<N> extends HashPartitioner<N> {

	/** From the number of a node to its place in the order of names. */
	private final int[] indexes;

	JumpPartitioner(Collection<Node<N>> nodes) {
		super(new NodeTable<>(nodes));
		this.indexes = new int[nodes.size()];
		Arrays.fill(this.indexes, -1);
		for (int i = 0; i < this.table.all().size(); i++) {
			Node<N> node = this.table.all().get(i);
			if (node.weight() != 1) {
				throw new IllegalArgumentException("Jump hashing knows no weights, and node '" + node.name() + "' has "
						+ node.weight() + ". Use rendezvous, ring or Maglev");
			}
			int number = numberOf(node.name());
			if (number < 0 || number >= this.indexes.length || this.indexes[number] >= 0) {
				throw new IllegalArgumentException("Jump hashing needs names that end in the numbers 0 to "
						+ (this.indexes.length - 1) + ", each once, and '" + node.name()
						+ "' does not fit. Nodes join and leave at the end only; for others use rendezvous, ring or Maglev");
			}
			this.indexes[number] = i;
		}
	}

	private static int numberOf(String name) {
		int start = name.length();
		while (start > 0 && name.charAt(start - 1) >= '0' && name.charAt(start - 1) <= '9') {
			start--;
		}
		int digits = name.length() - start;
		return (digits > 0 && digits < 9) ? Integer.parseInt(name, start, name.length(), 10) : -1;
	}

	@Override
	int indexFor(long hash) {
		return this.indexes[bucket(hash, this.indexes.length)];
	}

	static int bucket(long hash, int buckets) {
		long key = hash;
		long bucket = -1;
		long next = 0;
		while (next < buckets) {
			bucket = next;
			key = key * 2862933555777941757L + 1;
			next = (long) ((bucket + 1) * ((double) (1L << 31) / ((key >>> 33) + 1)));
		}
		return (int) bucket;
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new JumpPartitioner<>(nodes);
	}

}
