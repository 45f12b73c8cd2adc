package io.concord.hashing;

import java.util.List;
import java.util.function.Function;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * How even algorithms are and what they move: fifty nodes, one of which leaves.
 */
class SpreadTests {

	private static final int LEFT = 17;

	private static final double IDEAL = 100.0 / Spread.NODES;

	private static final List<Node<Integer>> NODES = Spread.nodes(1);

	@Test
	void moduloIsEvenAndMovesAlmostEverything() {
		Figures figures = figures(Partitioners::modulo);
		assertThat(figures.deviation()).isLessThan(1.4 * Spread.NOISE);
		assertThat(figures.maxToMean()).isLessThan(1 + 0.04 * Spread.NOISE);
		assertThat(figures.moved()).isCloseTo(98, within(0.5));
		assertThat(figures.needless()).isCloseTo(96, within(0.5));
	}

	@Test
	void ringOfOnePointIsUnevenAndOverloadsOneSuccessor() {
		Figures figures = figures((nodes) -> Partitioners.ring(nodes, 1));
		assertThat(figures.deviation()).isGreaterThan(60);
		assertThat(figures.maxToMean()).isGreaterThan(3);
		assertThat(figures.needless()).isZero();
		assertThat(figures.toOneHeir()).isEqualTo(100);
	}

	@Test
	void ringOfDefaultPointsMovesOnlyWhatMust() {
		Figures figures = figures(Partitioners::ring);
		assertThat(figures.deviation()).isCloseTo(8.4, within(1.8));
		assertThat(figures.maxToMean()).isLessThan(1.25);
		assertThat(figures.moved()).isCloseTo(IDEAL, within(0.4));
		assertThat(figures.needless()).isZero();
		assertThat(figures.toOneHeir()).isLessThan(11);
	}

	@Test
	void ringOfMorePointsIsMoreEven() {
		Figures figures = figures((nodes) -> Partitioners.ring(nodes, 1_000));
		assertThat(figures.deviation()).isCloseTo(3.0, within(1.0));
		assertThat(figures.maxToMean()).isLessThan(1.12);
		assertThat(figures.moved()).isCloseTo(IDEAL, within(0.2));
		assertThat(figures.needless()).isZero();
		assertThat(figures.toOneHeir()).isLessThan(5.5);
	}

	@Test
	void maglevIsEvenAndMovesLittleMoreThanItMust() {
		Figures figures = figures((nodes) -> Partitioners.maglev(nodes, 65_537));
		assertThat(figures.deviation()).isLessThan(1.4 * Spread.NOISE);
		assertThat(figures.maxToMean()).isLessThan(1 + 0.04 * Spread.NOISE);
		assertThat(figures.moved()).isCloseTo(IDEAL, within(0.8));
		assertThat(figures.needless()).isBetween(0.1, 0.8);
		assertThat(figures.toOneHeir()).isLessThan(4);
	}

	@Test
	void jumpIsEvenAndMovesOnlyWhatMustAtTheEnd() {
		Spread before = Spread.of(Partitioners.jump(NODES));
		Spread after = Spread.of(Partitioners.jump(Spread.without(Spread.NODES - 1, NODES)));
		assertThat(before.deviation()).isLessThan(1.4 * Spread.NOISE);
		assertThat(before.moved(after)).isCloseTo(IDEAL, within(0.15));
		assertThat(before.needless(Spread.NODES - 1, after)).isZero();
	}

	@Test
	void jumpWouldMoveTwoThirdsIfTheNumbersShifted() {
		Spread before = Spread.of(Partitioners.jump(NODES));
		List<Node<Integer>> shifted = Spread.without(LEFT, NODES)
			.stream()
			.map((node) -> (node.value() < LEFT) ? node : new Node<>("node-" + (node.value() - 1), 1, node.value()))
			.toList();
		assertThat(before.needless(LEFT, Spread.of(Partitioners.jump(shifted)))).isCloseTo(64, within(3.0));
	}

	@Test
	void rendezvousIsEvenAndMovesOnlyWhatMust() {
		Figures figures = figures(Partitioners::rendezvous);
		assertThat(figures.deviation()).isLessThan(1.4 * Spread.NOISE);
		assertThat(figures.maxToMean()).isLessThan(1 + 0.04 * Spread.NOISE);
		assertThat(figures.moved()).isCloseTo(IDEAL, within(0.15));
		assertThat(figures.needless()).isZero();
		assertThat(figures.toOneHeir()).isLessThan(3.2);
	}

	@Test
	void sharesFollowWeights() {
		List<Node<Integer>> nodes = Spread.nodes(1, 2, 4);
		assertThat(Spread.of(Partitioners.ring(nodes)).deviation()).isCloseTo(6.0, within(1.8));
		assertThat(Spread.of(Partitioners.maglev(nodes, 65_537)).deviation()).isLessThan(2 * Spread.NOISE);
		assertThat(Spread.of(Partitioners.rendezvous(nodes)).deviation()).isLessThan(2 * Spread.NOISE);
		assertThat(Spread.of(Partitioners.modulo(nodes)).deviation()).isLessThan(2 * Spread.NOISE);
		assertThat(Spread.of(Partitioners.random(nodes)).deviation()).isLessThan(3 * Spread.NOISE);
	}

	private static Figures figures(Function<List<Node<Integer>>, Partitioner<Integer>> algorithm) {
		Spread before = Spread.of(algorithm.apply(NODES));
		Spread after = Spread.of(algorithm.apply(Spread.without(LEFT, NODES)));
		return new Figures(before.deviation(), before.maxToMean(), before.moved(after), before.needless(LEFT, after),
				before.toOneHeir(LEFT, after));
	}

	private record Figures(double deviation, double maxToMean, double moved, double needless, double toOneHeir) {

	}

}
