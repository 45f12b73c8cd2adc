package io.concord.hashing;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class BoundedLoadTests {

	private static final List<Node<Integer>> NODES = Spread.nodes(1);

	private final CountedLoads<Integer> loads = new CountedLoads<>();

	/**
	 * A Zipf load of 20,000 calls that stay, which loads one node more than five times as
	 * much as the mean if nothing bounds it.
	 */
	@Test
	void boundsLoadOfHotKeys() {
		Partitioner<Integer> ring = Partitioners.ring(NODES);
		Partitioner<Integer> bounded = Partitioners.boundedLoad(ring, 1.25, this.loads);
		int[] unbounded = new int[Spread.NODES];
		int spilled = 0;
		int calls = 20_000;
		Random random = new Random(1);
		for (int i = 0; i < calls; i++) {
			int key = (int) Math.pow(100_000, random.nextDouble());
			unbounded[ring.nodeFor(key).value()]++;
			Node<Integer> node = bounded.nodeFor(key);
			this.loads.begin(node);
			spilled += node.equals(ring.nodeFor(key)) ? 0 : 1;
		}
		double mean = (double) calls / Spread.NODES;
		assertThat(IntStream.of(unbounded).max().orElseThrow() / mean).isGreaterThan(3);
		assertThat(NODES)
			.allSatisfy((node) -> assertThat(this.loads.loadOf(node)).isLessThanOrEqualTo(ceil(1.25, mean)));
		assertThat(spilled).isBetween(calls / 20, calls / 3);
	}

	@Test
	void spillsAtRandomInsteadOfToTheNeighbour() {
		Partitioner<Integer> ring = Partitioners.ring(NODES);
		Partitioner<Integer> bounded = Partitioners.boundedLoad(ring, 1.25, this.loads);
		Node<Integer> full = ring.nodeFor("hot");
		IntStream.range(0, 100).forEach((i) -> this.loads.begin(full));
		Set<Node<Integer>> reached = new HashSet<>();
		for (int key = 0; key < 5_000; key++) {
			if (ring.nodeFor(key).equals(full)) {
				Node<Integer> node = bounded.nodeFor(key);
				reached.add(node);
				assertThat(bounded.nodeFor(key)).isEqualTo(node).isNotEqualTo(full);
			}
		}
		assertThat(reached).hasSizeGreaterThan(25);
	}

	@Test
	void boundsByWeight() {
		List<Node<Integer>> nodes = List.of(new Node<>("small", 1, 0), new Node<>("large", 9, 1),
				new Node<>("idle", 0, 2));
		Partitioner<Integer> bounded = Partitioners.boundedLoad(Partitioners.rendezvous(nodes), 1.01, this.loads);
		for (int key = 0; key < 1_000; key++) {
			this.loads.begin(bounded.nodeFor(key));
		}
		assertThat(this.loads.loadOf(nodes.get(0))).isBetween(90L, 102L);
		assertThat(this.loads.loadOf(nodes.get(1))).isBetween(898L, 910L);
		assertThat(this.loads.loadOf(nodes.get(2))).isZero();
	}

	@Test
	void takesTheLeastLoadedWhereNoneHasRoom() {
		List<Node<Integer>> nodes = List.of(new Node<>("a", 1, 0), new Node<>("b", 1, 1));
		Loads<Integer> stale = new Loads<>() {

			@Override
			public long loadOf(Node<Integer> node) {
				return 10 + node.value();
			}

			@Override
			public long total() {
				return 1;
			}

		};
		Partitioner<Integer> bounded = Partitioners.boundedLoad(Partitioners.modulo(nodes), 1.25, stale);
		assertThat(IntStream.range(0, 20)).allSatisfy((key) -> assertThat(bounded.nodeFor(key).name()).isEqualTo("a"));
	}

	@Test
	void namesOtherReplicas() {
		Partitioner<Integer> bounded = Partitioners.boundedLoad(Partitioners.ring(NODES), 1.25, this.loads);
		Node<Integer> first = bounded.nodeFor("key");
		IntStream.range(0, 100).forEach((i) -> this.loads.begin(first));
		assertThat(bounded.nodesFor("key", 3)).hasSize(3).startsWith(bounded.nodeFor("key")).contains(first);
		assertThat(bounded.nodesFor("key", 0)).isEmpty();
		assertThat(bounded.withNodes(List.of(first)).nodesFor("key", 3)).containsExactly(first);
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> bounded.withNodes(List.of()).nodeFor("key"));
	}

	@ParameterizedTest
	@ValueSource(doubles = { 0, 1, -1, Double.NaN, Double.POSITIVE_INFINITY })
	void refusesBoundsOutOfRange(double factor) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.boundedLoad(Partitioners.ring(NODES), factor, this.loads))
			.withMessageContaining("not " + factor);
	}

	@Test
	void countsLoads() {
		Node<Integer> node = NODES.get(0);
		this.loads.begin(node);
		this.loads.begin(node);
		this.loads.begin(NODES.get(1));
		this.loads.end(node);
		assertThat(this.loads.loadOf(node)).isEqualTo(1);
		assertThat(this.loads.total()).isEqualTo(2);
		this.loads.end(node);
		assertThat(this.loads.loadOf(node)).isZero();
		assertThatIllegalStateException().isThrownBy(() -> this.loads.end(node)).withMessageContaining("'node-0'");
		assertThat(this.loads.total()).isEqualTo(1);
	}

	private static long ceil(double factor, double mean) {
		return (long) Math.ceil(factor * mean);
	}

}
