package io.concord.hashing;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MovementReportTests {

	@Test
	void tellsWhatMovesWhere() {
		List<Node<String>> nodes = Stream.of("a", "b").map(Node::of).toList();
		Partitioner<String> before = Partitioners.mapping(Map.of("1", "a", "2", "a", "3", "b", "4", "a"), nodes);
		Partitioner<String> after = Partitioners.mapping(Map.of("1", "a", "2", "c", "3", "a", "4", "c"),
				Stream.of("a", "b", "c").map(Node::of).toList());
		MovementReport report = MovementReport.between(before, after, Stream.of("1", "2", "3", "4", "5"));
		assertThat(report.keys()).isEqualTo(5);
		assertThat(report.unplaced()).isEqualTo(1);
		assertThat(report.moved()).isEqualTo(3);
		assertThat(report.movedShare()).isEqualTo(0.75);
		assertThat(report.needless()).isEqualTo(1);
		assertThat(report.needlessShare()).isEqualTo(0.25);
		assertThat(report.before()).isEqualTo(Map.of("a", 3L, "b", 1L));
		assertThat(report.after()).isEqualTo(Map.of("a", 2L, "b", 0L, "c", 2L));
		assertThat(report.moves()).containsExactly(new MovementReport.Move("a", "c", 2),
				new MovementReport.Move("b", "a", 1));
	}

	@Test
	void countsNeedlessMovesOfModulo() {
		List<Node<Integer>> nodes = Spread.nodes(1);
		MovementReport report = MovementReport.between(Partitioners.modulo(nodes),
				Partitioners.modulo(Spread.without(17, nodes)));
		assertThat(report.keys()).isEqualTo(MovementReport.DEFAULT_SAMPLE);
		assertThat(report.movedShare()).isBetween(0.97, 0.99);
		assertThat(report.needlessShare()).isBetween(0.95, 0.97);
	}

	@Test
	void isEmptyWithoutNodesOrKeys() {
		Partitioner<String> none = Partitioners.ring(List.of());
		Partitioner<String> one = Partitioners.ring(List.of(Node.of("a")));
		MovementReport report = MovementReport.between(none, one, Stream.of("1", "2"));
		assertThat(report.unplaced()).isEqualTo(2);
		assertThat(report.movedShare()).isZero();
		assertThat(report.moves()).isEmpty();
		assertThat(MovementReport.between(one, one, Stream.empty()).movedShare()).isZero();
	}

}
