package io.concord.test.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FaultScheduleTests {

	private static final List<Fault> FAULTS = Stream.of("a", "b", "c", "d", "e")
		.map((name) -> new Fault(name, Duration.ofSeconds(2), (target) -> {
		}, () -> {
		}))
		.toList();

	@Test
	void sameSeedGivesTheSameSchedule() {
		assertThat(FaultSchedule.draw(7, FAULTS, 20)).isEqualTo(FaultSchedule.draw(7, FAULTS, 20));
		assertThat(FaultSchedule.draw(7, FAULTS, 20)).isNotEqualTo(FaultSchedule.draw(8, FAULTS, 20));
		// What is drawn for the first round does not depend on how many follow.
		assertThat(FaultSchedule.draw(7, FAULTS, 20).steps())
			.startsWith(FaultSchedule.draw(7, FAULTS, 1).steps().toArray(FaultSchedule.Step[]::new));
	}

	/** It must not depend on the JVM, either. */
	@Test
	void seedsOfPartsAreFixed() {
		assertThat(Seeds.derive(1, "schedule")).isEqualTo(Seeds.derive(1, "schedule"))
			.isNotEqualTo(Seeds.derive(2, "schedule"))
			.isNotEqualTo(Seeds.derive(1, "other"));
		assertThat(Seeds.derive(1, 2, 3)).isNotEqualTo(Seeds.derive(1, 3, 2));
		assertThat(Seeds.derive(42)).isEqualTo(-4767286540954276203L);
	}

	@Test
	void everyRoundHasEveryFault() {
		List<FaultSchedule.Step> steps = FaultSchedule.draw(7, FAULTS, 3).steps();
		for (int round = 0; round < 3; round++) {
			assertThat(steps.subList(5 * round, 5 * round + 5)).extracting(FaultSchedule.Step::fault)
				.containsExactlyInAnyOrder("a", "b", "c", "d", "e");
		}
		assertThat(steps)
			.allSatisfy((step) -> assertThat(step.length()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(3)));
	}

	@Test
	void faultsAtTheSameTimeAreNestedInEachOther() {
		List<String> events = new ArrayList<>();
		Fault outer = new Fault("a", Duration.ofSeconds(2), (target) -> events.add("a" + target),
				() -> events.add("a ends"));
		Fault inner = new Fault("b", Duration.ofSeconds(1), (target) -> events.add("b" + target),
				() -> events.add("b ends"));
		Fault both = outer.and(inner);
		both.begin().accept(7);
		both.end().run();
		assertThat(events).containsExactly("a7", "b7", "b ends", "a ends");
		assertThat(both.name()).isEqualTo("a and b");
		assertThat(both.length()).isEqualTo(Duration.ofSeconds(2));
	}

}
