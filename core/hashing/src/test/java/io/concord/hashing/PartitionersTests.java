package io.concord.hashing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class PartitionersTests {

	private static final List<Named<Algorithm>> HASHED = List.of(Named.of("rendezvous", Partitioners::rendezvous),
			Named.of("ring", Partitioners::ring), Named.of("maglev", Partitioners::maglev),
			Named.of("modulo", Partitioners::modulo), Named.of("jump", Partitioners::jump));

	static List<Named<Algorithm>> hashed() {
		return HASHED;
	}

	static List<Named<Algorithm>> weighted() {
		return HASHED.subList(0, 4);
	}

	static List<Named<Algorithm>> consistent() {
		return HASHED.subList(0, 2);
	}

	@ParameterizedTest
	@MethodSource("hashed")
	void dependsNeitherOnOrderNorOnInstance(Algorithm algorithm) {
		List<Node<String>> nodes = nodes(20);
		Partitioner<String> one = algorithm.over(nodes);
		Partitioner<String> other = algorithm.over(Spread.shuffled(nodes));
		Partitioner<String> changed = algorithm.over(nodes(3)).withNodes(nodes);
		for (String key : keys()) {
			assertThat(other.nodeFor(key)).isEqualTo(one.nodeFor(key));
			assertThat(changed.nodesFor(key, 5)).isEqualTo(one.nodesFor(key, 5));
		}
		assertThat(other.nodes()).isEqualTo(one.nodes()).extracting(Node::name).isSorted();
	}

	/**
	 * What is stored by these must be found by the next release.
	 */
	@ParameterizedTest
	@CsvSource({ "0, 3774697590315460510360051814105800344364", "1, 1238585454793870193449677777141285770345",
			"2, 6874957196869000401420851842557171883982", "3, 9898005059591974216788905217824036284776",
			"4, 4211948502061551668141612805041823186672" })
	void placesKeysAsTheFirstReleaseDid(int place, String expected) {
		Algorithm algorithm = HASHED.get(place).getPayload();
		Partitioner<String> partitioner = algorithm.over(nodes(10));
		StringBuilder placed = new StringBuilder();
		keys().subList(0, 40).forEach((key) -> placed.append(partitioner.nodeFor(key).name().substring(5)));
		assertThat(placed).hasToString(expected);
	}

	@ParameterizedTest
	@MethodSource("hashed")
	void takesNumberAndItsTextForTheSameKey(Algorithm algorithm) {
		Partitioner<String> partitioner = algorithm.over(nodes(20));
		for (long key : new long[] { 0, -1, 42, Long.MAX_VALUE, Long.MIN_VALUE }) {
			assertThat(partitioner.nodeFor(key)).isSameAs(partitioner.nodeFor(Long.toString(key)));
		}
	}

	@ParameterizedTest
	@MethodSource("hashed")
	void givesEverythingToOneNode(Algorithm algorithm) {
		Partitioner<String> partitioner = algorithm.over(nodes(1));
		assertThat(keys()).allSatisfy((key) -> {
			assertThat(partitioner.nodeFor(key).name()).isEqualTo("node-0");
			assertThat(partitioner.nodesFor(key, 3)).hasSize(1);
		});
	}

	@ParameterizedTest
	@MethodSource("hashed")
	void hasNoNodeWithoutNodes(Algorithm algorithm) {
		Partitioner<String> partitioner = algorithm.over(List.of());
		assertThat(partitioner.nodes()).isEmpty();
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodeFor("key"))
			.withMessage("There are no nodes");
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodeFor(1));
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodesFor("key", 2));
	}

	@ParameterizedTest
	@MethodSource("hashed")
	void worksOnTenThousandNodes(Algorithm algorithm) {
		Partitioner<String> partitioner = algorithm.over(nodes(10_000));
		assertThat(keys().stream().map(partitioner::nodeFor).distinct().count()).isGreaterThan(150);
	}

	@ParameterizedTest
	@MethodSource("weighted")
	void givesNothingToWeightZero(Algorithm algorithm) {
		List<Node<String>> nodes = new ArrayList<>(nodes(5));
		nodes.set(2, nodes.get(2).withWeight(0));
		Partitioner<String> partitioner = algorithm.over(nodes);
		assertThat(partitioner.nodes()).hasSize(5);
		assertThat(keys()).allSatisfy((key) -> assertThat(partitioner.nodesFor(key, 5)).hasSize(4)
			.extracting(Node::name)
			.doesNotContain("node-2"));
		Partitioner<String> idle = algorithm.over(List.of(Node.of("a", 0), Node.of("b", 0)));
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> idle.nodeFor("key"))
			.withMessage("All nodes have weight 0");
	}

	@ParameterizedTest
	@MethodSource("weighted")
	void refusesTwoNodesOfOneName(Algorithm algorithm) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> algorithm.over(List.of(Node.of("a"), Node.of("b"), Node.of("a", 3))))
			.withMessage("Two nodes have the name 'a'");
	}

	@ParameterizedTest
	@MethodSource("hashed")
	void namesDifferentNodesForReplicas(Algorithm algorithm) {
		Partitioner<String> partitioner = algorithm.over(nodes(7));
		for (String key : keys()) {
			List<Node<String>> replicas = partitioner.nodesFor(key, 3);
			assertThat(replicas).hasSize(3).doesNotHaveDuplicates().startsWith(partitioner.nodeFor(key));
			assertThat(partitioner.nodesFor(key, 7)).startsWith(replicas.get(0), replicas.get(1), replicas.get(2))
				.doesNotHaveDuplicates()
				.hasSize(7);
			assertThat(partitioner.nodesFor(key, 100)).hasSize(7);
		}
		assertThat(partitioner.nodesFor("key", 0)).isEmpty();
	}

	@ParameterizedTest
	@MethodSource("consistent")
	void fallsToTheSecondReplicaWhenTheFirstLeaves(Algorithm algorithm) {
		List<Node<String>> nodes = IntStream.range(0, 9).mapToObj((i) -> Node.of("node-" + i, 1 + i % 3)).toList();
		Partitioner<String> partitioner = algorithm.over(nodes);
		for (String key : keys()) {
			List<Node<String>> replicas = partitioner.nodesFor(key, 2);
			Partitioner<String> rest = partitioner
				.withNodes(nodes.stream().filter((node) -> !node.equals(replicas.get(0))).toList());
			assertThat(rest.nodeFor(key)).isEqualTo(replicas.get(1));
		}
	}

	@ParameterizedTest
	@MethodSource("consistent")
	void movesOnlyToTheNodeThatJoinsOrGainsWeight(Algorithm algorithm) {
		Partitioner<String> before = algorithm.over(nodes(9));
		MovementReport join = MovementReport.between(before, algorithm.over(nodes(10)));
		assertThat(join.needless()).isZero();
		assertThat(join.movedShare()).isBetween(0.07, 0.13);
		assertThat(join.moves()).hasSize(9).allMatch((move) -> move.to().equals("node-9"));
		List<Node<String>> heavier = new ArrayList<>(nodes(9));
		heavier.set(4, heavier.get(4).withWeight(2));
		MovementReport gain = MovementReport.between(before, algorithm.over(heavier));
		assertThat(gain.needless()).isZero();
		assertThat(gain.moves()).allMatch((move) -> move.to().equals("node-4"));
	}

	@ParameterizedTest
	@CsvSource({ "1, 1, 0", "42, 57, 43", "3735883980, 1, 0", "3735883980, 666, 361", "256, 1024, 520",
			"128, 100000000, 38172097" })
	void jumpsAsPublished(long hash, int buckets, int expected) {
		assertThat(JumpPartitioner.bucket(hash, buckets)).isEqualTo(expected);
	}

	@Test
	void jumpNumbersNodesByTheirNames() {
		List<Node<String>> nodes = List.of(Node.of("x10"), Node.of("x9"), Node.of("x8"), Node.of("x7"), Node.of("x6"),
				Node.of("x5"), Node.of("x4"), Node.of("x3"), Node.of("x2"), Node.of("x1"), Node.of("x0"));
		Partitioner<String> partitioner = Partitioners.jump(nodes);
		for (long key = 0; key < 100; key++) {
			assertThat(partitioner.nodeFor(key).name())
				.isEqualTo("x" + JumpPartitioner.bucket(Hash64.of(key), nodes.size()));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "a,b", "s0,s2", "s1,s2", "a0,b0", "s0,s99999999999" })
	void jumpRefusesNamesWithoutNumbers(String names) {
		List<Node<String>> nodes = Stream.of(names.split(",")).map(Node::of).toList();
		assertThatIllegalArgumentException().isThrownBy(() -> Partitioners.jump(nodes))
			.withMessageContaining("end in the numbers 0 to 1")
			.withMessageContaining("use rendezvous");
	}

	@Test
	void jumpRefusesWeights() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.jump(List.of(Node.of("s0"), Node.of("s1", 2))))
			.withMessageContaining("node 's1' has 2");
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 0, 1, 4, 65_536, 10_000_019 })
	void maglevRefusesSizesThatAreNoPrimes(int size) {
		assertThatIllegalArgumentException().isThrownBy(() -> Partitioners.maglev(nodes(2), size))
			.withMessageContaining("must be a prime")
			.withMessageContaining("" + size);
	}

	@Test
	void maglevRefusesMoreNodesThanEntries() {
		assertThatIllegalArgumentException().isThrownBy(() -> Partitioners.maglev(nodes(8), 7))
			.withMessageContaining("8 nodes don't fit a Maglev table of 7");
		assertThat(Partitioners.maglev(nodes(7), 7).nodeFor("key")).isNotNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 0, RingPartitioner.MAX_POINTS + 1 })
	void ringRefusesPointsOutOfRange(int points) {
		assertThatIllegalArgumentException().isThrownBy(() -> Partitioners.ring(nodes(2), points))
			.withMessageContaining("not " + points);
	}

	@Test
	void ringSharesItsPointsOutAmongHeavyNodes() {
		Partitioner<String> partitioner = Partitioners
			.ring(List.of(Node.of("a", Node.MAX_WEIGHT), Node.of("b", Node.MAX_WEIGHT / 2), Node.of("c", 1)), 1_000);
		MovementReport report = MovementReport.between(partitioner, partitioner);
		assertThat(report.before().getOrDefault("a", 0L) / (double) report.keys()).isBetween(0.65, 0.68);
		assertThat(report.before().get("c")).isLessThan(10);
	}

	@Test
	void randomDrawsByWeightWhateverTheKey() {
		Random random = new Random(3);
		Partitioner<String> partitioner = Partitioners
			.random(List.of(Node.of("a", 3), Node.of("b", 1), Node.of("c", 0)), random::nextLong);
		long drawn = IntStream.range(0, 10_000)
			.filter((i) -> partitioner.nodeFor("same key").name().equals("a"))
			.count();
		assertThat(drawn).isBetween(7_300L, 7_700L);
		assertThat(partitioner.nodesFor("key", 3)).extracting(Node::name).containsExactlyInAnyOrder("a", "b");
		assertThat(Partitioners.random(nodes(1)).nodeFor(7).name()).isEqualTo("node-0");
	}

	@Test
	void findsNumbersInRanges() {
		Partitioner<String> partitioner = Partitioners.numberRanges(List.of(KeyRange.of(100, 200, "b"),
				new KeyRange(null, "0", "a"), KeyRange.of(0, 100, "a"), new KeyRange("1000", null, "b")),
				nodes("a", "b"));
		assertThat(partitioner.nodeFor(Long.MIN_VALUE).name()).isEqualTo("a");
		assertThat(partitioner.nodeFor(99).name()).isEqualTo("a");
		assertThat(partitioner.nodeFor("100").name()).isEqualTo("b");
		assertThat(partitioner.nodeFor("199").name()).isEqualTo("b");
		assertThat(partitioner.nodeFor(Long.MAX_VALUE).name()).isEqualTo("b");
		assertThat(partitioner.nodesFor("100", 2)).extracting(Node::name).containsExactly("b");
		assertThat(partitioner.nodesFor("100", 0)).isEmpty();
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodeFor(200))
			.withMessage("No range includes 200");
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodeFor("x".repeat(99)))
			.withMessage("The ranges are of whole numbers, and '" + "x".repeat(80) + "…' is none");
		assertThat(partitioner.withNodes(nodes("a", "b", "c")).nodeFor(150).name()).isEqualTo("b");
	}

	@Test
	void findsTextsInRanges() {
		Partitioner<String> partitioner = Partitioners
			.textRanges(List.of(new KeyRange("n", null, "b"), new KeyRange(null, "m", "a")), nodes("a", "b"));
		assertThat(partitioner.nodeFor("").name()).isEqualTo("a");
		assertThat(partitioner.nodeFor("lzz").name()).isEqualTo("a");
		assertThat(partitioner.nodeFor("n").name()).isEqualTo("b");
		assertThat(partitioner.nodeFor(7).name()).isEqualTo("a");
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodeFor("m"))
			.withMessage("No range includes 'm'");
	}

	@Test
	void refusesRangesThatCannotBe() {
		assertThatIllegalArgumentException().isThrownBy(
				() -> Partitioners.numberRanges(List.of(KeyRange.of(0, 10, "a"), KeyRange.of(9, 20, "a")), nodes("a")))
			.withMessage("The ranges [0, 10) → a and [9, 20) → a overlap");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners
				.textRanges(List.of(new KeyRange("a", null, "a"), new KeyRange("b", "c", "a")), nodes("a")))
			.withMessageContaining("overlap");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.numberRanges(List.of(KeyRange.of(5, 5, "a")), nodes("a")))
			.withMessage("The range [5, 5) → a is empty");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.numberRanges(List.of(new KeyRange(null, Long.toString(Long.MIN_VALUE), "a")),
					nodes("a")))
			.withMessageContaining("is empty");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.textRanges(List.of(new KeyRange("b", "a", "a")), nodes("a")))
			.withMessageContaining("is empty");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.numberRanges(List.of(new KeyRange("a", "b", "a")), nodes("a")))
			.withMessage("The bound 'a' of a range is no whole number");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Partitioners.numberRanges(List.of(KeyRange.of(0, 1, "z")), nodes("a")))
			.withMessage("There is no node 'z'. The nodes are [a]");
	}

	@Test
	void pinsKeysAndLeavesTheRest() {
		List<Node<String>> nodes = List.of(Node.of("a"), Node.of("b"), Node.of("big", 0));
		Partitioner<String> partitioner = Partitioners.mapping(Map.of("tenant-7", "big", "8", "big"),
				Partitioners.rendezvous(nodes));
		assertThat(partitioner.nodeFor("tenant-7").name()).isEqualTo("big");
		assertThat(partitioner.nodeFor(8).name()).isEqualTo("big");
		assertThat(partitioner.nodeFor("9").name()).isIn("a", "b");
		assertThat(partitioner.nodesFor("tenant-7", 3)).hasSize(3).first().extracting(Node::name).isEqualTo("big");
		assertThat(partitioner.nodesFor("tenant-7", 0)).isEmpty();
		assertThat(partitioner.withNodes(nodes).nodeFor("tenant-7").name()).isEqualTo("big");
		assertThatIllegalArgumentException().isThrownBy(() -> partitioner.withNodes(nodes("a", "b")))
			.withMessageContaining("There is no node 'big'");
	}

	@Test
	void mapsNothingElse() {
		Partitioner<String> partitioner = Partitioners.mapping(Map.of("x", "a"), nodes("a", "b"));
		assertThat(partitioner.nodesFor("x", 2)).extracting(Node::name).containsExactly("a");
		assertThatExceptionOfType(NoNodeException.class).isThrownBy(() -> partitioner.nodeFor("y"))
			.withMessage("The key 'y' is mapped to no node");
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, Node.MAX_WEIGHT + 1 })
	void refusesWeightsOutOfRange(int weight) {
		assertThatIllegalArgumentException().isThrownBy(() -> Node.of("a", weight))
			.withMessage("The weight of node 'a' must be between 0 and 1000000, not " + weight);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "long" })
	void refusesNamesOutOfRange(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> Node.of(name.replace("long", "x".repeat(201))))
			.withMessageContaining("1 to 200 characters");
	}

	private static List<Node<String>> nodes(int count) {
		return IntStream.range(0, count).mapToObj((i) -> Node.of("node-" + i)).toList();
	}

	private static List<Node<String>> nodes(String... names) {
		return Stream.of(names).map(Node::of).toList();
	}

	private static List<String> keys() {
		return Stream
			.concat(IntStream.range(0, 100).mapToObj(Integer::toString),
					Stream.of("", "a", "ä€😀", "customer-42", "x".repeat(10_000)))
			.flatMap((key) -> Stream.of(key, "key of " + key))
			.toList();
	}

	interface Algorithm {

		Partitioner<String> over(Collection<Node<String>> nodes);

	}

}
