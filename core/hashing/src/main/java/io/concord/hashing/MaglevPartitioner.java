package io.concord.hashing;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Maglev hashing (Eisenbud et al.): a table of a prime number of entries, which the nodes
 * fill in turn, each in an order of its own. A look-up is one access; a node that leaves
 * also moves a few keys between others.
 */
final class MaglevPartitioner<N> extends HashPartitioner<N> {

	/** At least fifty entries a node; beyond the last, fewer. */
	private static final int[] PRIMES = { 65_537, 655_373, 6_553_621 };

	private static final int ENTRIES_PER_NODE = 50;

	/** 0 to choose by the number of nodes. */
	private final int size;

	private final int[] entries;

	MaglevPartitioner(Collection<Node<N>> nodes, int size) {
		super(new NodeTable<>(nodes));
		this.size = size;
		this.entries = fill(this.table.weighted(), (size > 0) ? size : sizeFor(size()));
	}

	/**
	 * Refuses a size that is no prime: a node would not reach all entries.
	 */
	static int requirePrime(int size) {
		boolean prime = size > 1;
		for (int i = 2; prime && (long) i * i <= size; i++) {
			prime = size % i != 0;
		}
		if (!prime || size > PRIMES[PRIMES.length - 1]) {
			throw new IllegalArgumentException("The size of a Maglev table must be a prime up to "
					+ PRIMES[PRIMES.length - 1] + " such as " + PRIMES[0] + ", not " + size);
		}
		return size;
	}

	private static int sizeFor(int nodes) {
		for (int prime : PRIMES) {
			if (prime / ENTRIES_PER_NODE >= nodes) {
				return prime;
			}
		}
		return PRIMES[PRIMES.length - 1];
	}

	private static int[] fill(List<? extends Node<?>> nodes, int size) {
		if (nodes.size() > size) {
			throw new IllegalArgumentException(
					nodes.size() + " nodes don't fit a Maglev table of " + size + ". Choose a larger one");
		}
		int[] entries = new int[nodes.isEmpty() ? 0 : size];
		Arrays.fill(entries, -1);
		int[] next = new int[nodes.size()];
		int[] step = new int[nodes.size()];
		for (int i = 0; i < next.length; i++) {
			long hash = Hash64.ofText(nodes.get(i).name());
			next[i] = (int) Long.remainderUnsigned(Hash64.derive(hash, 1), size);
			step[i] = (int) Long.remainderUnsigned(Hash64.derive(hash, 2), size - 1) + 1;
		}
		int heaviest = nodes.stream().mapToInt(Node::weight).max().orElse(0);
		long[] credit = new long[nodes.size()];
		for (int filled = 0; filled < entries.length;) {
			for (int i = 0; i < next.length && filled < entries.length; i++) {
				credit[i] += nodes.get(i).weight();
				if (credit[i] < heaviest) {
					continue;
				}
				credit[i] -= heaviest;
				while (entries[next[i]] >= 0) {
					next[i] = (int) (((long) next[i] + step[i]) % size);
				}
				entries[next[i]] = i;
				filled++;
			}
		}
		return entries;
	}

	@Override
	int indexFor(long hash) {
		return this.entries[(int) ((hash >>> 32) * this.entries.length >>> 32)];
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new MaglevPartitioner<>(nodes, this.size);
	}

}
