package io.concord.hashing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Ranges of numbers, or of texts in the order of {@link String#compareTo}.
 */
final class RangePartitioner<N> implements Partitioner<N> {

	private final NodeTable<N> table;

	private final boolean numbers;

	private final List<KeyRange> ranges;

	/** Lower ends of ranges of numbers. */
	private final long[] leastNumbers;

	/** Lower ends of ranges of texts. */
	private final String[] leastTexts;

	/** The last number of each range: there is none behind the greatest. */
	private final long[] lastNumbers;

	private final List<Node<N>> owners;

	RangePartitioner(Collection<KeyRange> ranges, Collection<Node<N>> nodes, boolean numbers) {
		this.table = new NodeTable<>(nodes);
		this.numbers = numbers;
		List<KeyRange> sorted = new ArrayList<>(ranges);
		sorted.sort(numbers ? Comparator.comparingLong(RangePartitioner::least)
				: Comparator.comparing((range) -> (range.from() != null) ? range.from() : ""));
		this.ranges = List.copyOf(sorted);
		int count = numbers ? this.ranges.size() : 0;
		this.leastNumbers = new long[count];
		this.lastNumbers = new long[count];
		this.leastTexts = new String[this.ranges.size() - count];
		this.owners = this.ranges.stream().map(KeyRange::node).map(this.table::named).toList();
		for (int i = 0; i < this.ranges.size(); i++) {
			KeyRange range = this.ranges.get(i);
			if (numbers) {
				this.leastNumbers[i] = least(range);
				this.lastNumbers[i] = last(range);
			}
			else {
				this.leastTexts[i] = (range.from() != null) ? range.from() : "";
			}
			if (isEmpty(range)) {
				throw new IllegalArgumentException("The range " + range + " is empty");
			}
			if (i > 0 && overlaps(this.ranges.get(i - 1), range)) {
				throw new IllegalArgumentException(
						"The ranges " + this.ranges.get(i - 1) + " and " + range + " overlap");
			}
		}
	}

	private static long least(KeyRange range) {
		return (range.from() != null) ? number(range.from()) : Long.MIN_VALUE;
	}

	private static long last(KeyRange range) {
		return (range.to() != null) ? number(range.to()) - 1 : Long.MAX_VALUE;
	}

	private static long number(String bound) {
		try {
			return Long.parseLong(bound);
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException("The bound '" + bound + "' of a range is no whole number", ex);
		}
	}

	private boolean isEmpty(KeyRange range) {
		if (range.to() == null) {
			return false;
		}
		return this.numbers ? number(range.to()) <= least(range)
				: range.to().compareTo((range.from() != null) ? range.from() : "") <= 0;
	}

	private boolean overlaps(KeyRange lower, KeyRange upper) {
		if (lower.to() == null || upper.from() == null) {
			return true;
		}
		return this.numbers ? last(lower) >= least(upper) : lower.to().compareTo(upper.from()) > 0;
	}

	@Override
	public Node<N> nodeFor(String key) {
		if (!this.numbers) {
			int found = Arrays.binarySearch(this.leastTexts, key);
			int at = (found >= 0) ? found : -found - 2;
			if (at < 0 || isBeyond(this.ranges.get(at), key)) {
				throw new NoNodeException("No range includes " + NoNodeException.shown(key));
			}
			return this.owners.get(at);
		}
		try {
			return nodeFor(Long.parseLong(key));
		}
		catch (NumberFormatException ex) {
			throw new NoNodeException(
					"The ranges are of whole numbers, and " + NoNodeException.shown(key) + " is none");
		}
	}

	private static boolean isBeyond(KeyRange range, String key) {
		return range.to() != null && range.to().compareTo(key) <= 0;
	}

	@Override
	public Node<N> nodeFor(long key) {
		if (!this.numbers) {
			return nodeFor(Long.toString(key));
		}
		int found = Arrays.binarySearch(this.leastNumbers, key);
		int at = (found >= 0) ? found : -found - 2;
		if (at < 0 || this.lastNumbers[at] < key) {
			throw new NoNodeException("No range includes " + key);
		}
		return this.owners.get(at);
	}

	@Override
	public List<Node<N>> nodesFor(String key, int count) {
		Node<N> node = nodeFor(key);
		return (count > 0) ? List.of(node) : List.of();
	}

	@Override
	public List<Node<N>> nodes() {
		return this.table.all();
	}

	@Override
	public Partitioner<N> withNodes(Collection<Node<N>> nodes) {
		return new RangePartitioner<>(this.ranges, nodes, this.numbers);
	}

}
