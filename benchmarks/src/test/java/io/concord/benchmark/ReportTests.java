package io.concord.benchmark;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ReportTests {

	@Test
	void isTablesAndThenWhatBecameOfTheGoals() {
		Table table = new Table("Title", List.of("who", "1/s"));
		table.add(List.of("Concord", "1,000"));
		Report report = new Report(List.of(table), List.of(new Gate("fast", 2, 1), new Gate("small", 0.5, 0.7)));
		assertThat(report.markdown()).isEqualTo("""
				**Title**

				| who | 1/s |
				| --- | ---: |
				| Concord | 1,000 |

				- met: fast (2.00, 1.00 asked)
				- **missed**: small (0.50, 0.70 asked)
				""");
	}

	@Test
	void whatReachesAGoalMeetsIt() {
		assertThat(new Gate("just", 0.9, 0.9).met()).isTrue();
		assertThat(new Gate("not", Math.nextDown(0.9), 0.9).met()).isFalse();
	}

	@Test
	void refusesRowsOfAnotherWidth() {
		Table table = new Table("Title", List.of("who", "1/s"));
		assertThatIllegalArgumentException().isThrownBy(() -> table.add(List.of("Concord")));
	}

}
