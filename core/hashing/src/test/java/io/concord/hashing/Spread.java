package io.concord.hashing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * How many keys spread over nodes whose values are 0, 1, 2 and so on, and what moves when
 * one of them leaves. The figures of the documentation are of two million keys:
 * {@code -DargLine=-Dconcord.hashing.keys=2000000}.
 */
final class Spread {

	static final int KEYS = Integer.getInteger("concord.hashing.keys", 200_000);

	static final int NODES = 50;

	/** Percentage by which shares deviate if each key takes a node at random. */
	static final double NOISE = 100 * Math.sqrt((double) NODES / KEYS);

	private final long[] counts;

	private final int[] owners;

	private final double[] fair;

	private Spread(Partitioner<Integer> partitioner) {
		int nodes = partitioner.nodes().stream().mapToInt(Node::value).max().orElseThrow() + 1;
		this.counts = new long[nodes];
		this.owners = new int[KEYS];
		for (int key = 0; key < KEYS; key++) {
			int owner = partitioner.nodeFor(key).value();
			this.owners[key] = owner;
			this.counts[owner]++;
		}
		double weights = partitioner.nodes().stream().mapToInt(Node::weight).sum();
		this.fair = new double[nodes];
		partitioner.nodes().forEach((node) -> this.fair[node.value()] = KEYS * node.weight() / weights);
	}

	static Spread of(Partitioner<Integer> partitioner) {
		return new Spread(partitioner);
	}

	static List<Node<Integer>> nodes(int... weights) {
		return IntStream.range(0, NODES)
			.mapToObj((i) -> new Node<>("node-" + i, weights[i % weights.length], i))
			.toList();
	}

	static List<Node<Integer>> without(int left, List<Node<Integer>> nodes) {
		return nodes.stream().filter((node) -> node.value() != left).toList();
	}

	static <N> List<N> shuffled(List<N> list) {
		List<N> shuffled = new ArrayList<>(list);
		Collections.shuffle(shuffled, new Random(5));
		return shuffled;
	}

	/** Relative standard deviation from the fair shares, in percent. */
	double deviation() {
		return 100 * Math.sqrt(IntStream.range(0, this.counts.length)
			.filter((i) -> this.fair[i] > 0)
			.mapToDouble((i) -> Math.pow(this.counts[i] / this.fair[i] - 1, 2))
			.average()
			.orElseThrow());
	}

	double maxToMean() {
		return Arrays.stream(this.counts).max().orElseThrow() * (double) this.counts.length / KEYS;
	}

	/** Percentage of keys that are elsewhere after. */
	double moved(Spread after) {
		return percent(IntStream.range(0, KEYS).filter((key) -> this.owners[key] != after.owners[key]).count(), KEYS);
	}

	/** Percentage of keys that are elsewhere though their node is still there. */
	double needless(int left, Spread after) {
		return percent(IntStream.range(0, KEYS)
			.filter((key) -> this.owners[key] != left && this.owners[key] != after.owners[key])
			.count(), KEYS);
	}

	/** Percentage of the keys of the node that left which the most loaded heir gets. */
	double toOneHeir(int left, Spread after) {
		long[] heirs = new long[this.counts.length];
		IntStream.range(0, KEYS).filter((key) -> this.owners[key] == left).forEach((key) -> heirs[after.owners[key]]++);
		return percent(LongStream.of(heirs).max().orElseThrow(), this.counts[left]);
	}

	private static double percent(long part, long whole) {
		return 100.0 * part / whole;
	}

}
