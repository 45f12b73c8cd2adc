package io.concord.loadbalancer;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RetryBudgetTests {

	private final TestClock clock = new TestClock();

	@Test
	void givesAShareOfTheCallsAndAFewMore() {
		RetryBudget budget = new RetryBudget(0.2, 1, this.clock);
		for (int i = 0; i < 100; i++) {
			budget.called();
		}
		assertThat(taken(budget)).isEqualTo(20 + 10);
		this.clock.pass(Duration.ofSeconds(10));
		assertThat(taken(budget)).isEqualTo(10);
	}

	@Test
	void canBeChanged() {
		RetryBudget budget = new RetryBudget(0, 0, this.clock);
		assertThat(budget.tryRetry()).isFalse();
		budget.configure(0, 1);
		assertThat(taken(budget)).isEqualTo(10);
	}

	@Test
	void refusesWhatCanNotBe() {
		assertThatIllegalArgumentException().isThrownBy(() -> new RetryBudget(-0.1, 1, this.clock))
			.withMessageContaining("-0.1");
		assertThatIllegalArgumentException().isThrownBy(() -> new RetryBudget(Double.NaN, 1, this.clock));
		assertThatIllegalArgumentException().isThrownBy(() -> new RetryBudget(0.1, -1, this.clock));
	}

	private static int taken(RetryBudget budget) {
		int taken = 0;
		while (budget.tryRetry()) {
			taken++;
		}
		return taken;
	}

}
