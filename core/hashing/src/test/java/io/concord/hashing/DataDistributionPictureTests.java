package io.concord.hashing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pictures in the documentation of where keys go, and which of them move.
 */
class DataDistributionPictureTests {

	private static final int KEYS = 50;

	private static final List<Node<String>> NODES = nodes("a", "b", "c", "d", "e");

	private static final List<Node<String>> WITHOUT_C = nodes("a", "b", "d", "e");

	static Stream<String> pictures() {
		return Stream.of(move("rendezvous", Partitioners::rendezvous), weights(), replicas(),
				move("ring", Partitioners::ring), ring(), move("maglev", (nodes) -> Partitioners.maglev(nodes, 65_537)),
				jump(), move("modulo", Partitioners::modulo), ranges(), mapping(), random(), boundedLoad());
	}

	@ParameterizedTest
	@MethodSource("pictures")
	void pictureIsWhatTheCodeDoes(String picture) throws IOException {
		String page = Files.readString(Path.of("../../docs/data-distribution.md"));
		assertThat(page).as("put this into docs/data-distribution.md:%n%s", picture).contains(picture);
	}

	private static String move(String name, Function<List<Node<String>>, Partitioner<String>> algorithm) {
		return move(name, algorithm.apply(NODES), "without c", algorithm.apply(WITHOUT_C), List.of("c"));
	}

	/** Keys that had to move, and those that moved without need. */
	private static String move(String name, Partitioner<String> before, String change, Partitioner<String> after,
			List<String> left) {
		String from = keys(before);
		String to = keys(after);
		String marks = IntStream.range(0, KEYS)
			.mapToObj((key) -> (from.charAt(key) == to.charAt(key)) ? " "
					: left.contains(from.substring(key, key + 1)) ? "^" : "!")
			.collect(Collectors.joining());
		return row(name, from) + row(change, to) + row("", marks);
	}

	private static String weights() {
		List<Node<String>> heavier = List.of(Node.of("a", 3), Node.of("b"), Node.of("c"), Node.of("d"), Node.of("e"));
		String from = keys(Partitioners.rendezvous(NODES));
		String to = keys(Partitioners.rendezvous(heavier));
		String marks = IntStream.range(0, KEYS)
			.mapToObj((key) -> (from.charAt(key) == to.charAt(key)) ? " " : (to.charAt(key) == 'a') ? "^" : "!")
			.collect(Collectors.joining());
		return row("weight of a: 3", to) + row("", marks);
	}

	private static String replicas() {
		Partitioner<String> partitioner = Partitioners.rendezvous(NODES);
		StringBuilder rows = new StringBuilder();
		for (int copy = 0; copy < 3; copy++) {
			int place = copy;
			rows.append(row("copy " + (copy + 1),
					IntStream.range(0, KEYS)
						.mapToObj((key) -> partitioner.nodesFor(Integer.toString(key), 3).get(place).name())
						.collect(Collectors.joining())));
		}
		return rows.toString();
	}

	/** Who owns each fiftieth of the ring, by the number of points. */
	private static String ring() {
		StringBuilder rows = new StringBuilder();
		for (int points : new int[] { 1, 4, 160 }) {
			RingPartitioner<String> ring = new RingPartitioner<>(NODES, points);
			rows.append(row(points + ((points == 1) ? " point" : " points"),
					IntStream.range(0, KEYS)
						.mapToObj((part) -> ring.nodeForHash((Long.MAX_VALUE / KEYS * part) << 1).name())
						.collect(Collectors.joining())));
		}
		return rows.toString();
	}

	private static String jump() {
		return move("jump", jump("01234"), "without 4", jump("0123"), List.of("4"))
				+ row("with 5 and 6", keys(jump("0123456")));
	}

	private static Partitioner<String> jump(String numbers) {
		return Partitioners.jump(nodes(numbers.split("")));
	}

	private static String ranges() {
		return row("range",
				keys(Partitioners.numberRanges(
						List.of(new KeyRange(null, "10", "a"), KeyRange.of(10, 30, "b"), new KeyRange("30", null, "c")),
						NODES)));
	}

	private static String mapping() {
		return row("mapping", keys(Partitioners.mapping(Map.of("7", "e", "8", "e"), Partitioners
			.rendezvous(List.of(Node.of("a"), Node.of("b"), Node.of("c"), Node.of("d"), Node.of("e", 0))))));
	}

	private static String random() {
		Random random = new Random(1);
		Partitioner<String> partitioner = Partitioners.random(NODES, random::nextLong);
		return row("random", keys(partitioner)) + row("and again", keys(partitioner));
	}

	/** Calls that are under way when some keys are asked for much more often. */
	private static String boundedLoad() {
		CountedLoads<String> loads = new CountedLoads<>();
		Partitioner<String> ring = Partitioners.ring(NODES);
		Partitioner<String> bounded = Partitioners.boundedLoad(ring, 1.25, loads);
		Map<String, Integer> unbounded = NODES.stream().collect(Collectors.toMap(Node::name, (node) -> 0));
		Random random = new Random(1);
		for (int call = 0; call < 100; call++) {
			int key = (int) Math.pow(1_000, random.nextDouble());
			unbounded.merge(ring.nodeFor(key).name(), 1, Integer::sum);
			loads.begin(bounded.nodeFor(key));
		}
		StringBuilder rows = new StringBuilder();
		for (Node<String> node : NODES) {
			rows.append(row("ring: " + node.name(), "#".repeat(unbounded.getOrDefault(node.name(), 0))));
		}
		for (Node<String> node : NODES) {
			rows.append(row("bounded: " + node.name(), "#".repeat((int) loads.loadOf(node))));
		}
		return rows.toString();
	}

	private static String keys(Partitioner<String> partitioner) {
		return IntStream.range(0, KEYS)
			.mapToObj((key) -> partitioner.nodeFor(key).name())
			.collect(Collectors.joining());
	}

	private static String row(String name, String cells) {
		return String.format(Locale.ROOT, "%-15s%s", name, cells).stripTrailing() + "\n";
	}

	private static List<Node<String>> nodes(String... names) {
		return Stream.of(names).map(Node::of).toList();
	}

}
