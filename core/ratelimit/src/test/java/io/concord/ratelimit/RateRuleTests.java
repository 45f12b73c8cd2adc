package io.concord.ratelimit;

import java.time.Duration;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RateRuleTests {

	@ParameterizedTest
	@CsvSource({ "100/s,100/s", "1000/h,1000/h", "5/10s,5/10s", "6/60s,6/m", "1/500ms,1/500ms", "3 / min,3/m",
			"2/D,2/d" })
	void readsRates(String text, String shown) {
		assertThat(Rate.parse(text)).hasToString(shown);
	}

	@ParameterizedTest
	@ValueSource(strings = { "10/fortnight", "0/s", "-5/s", "10", "10/0s", "/s", "x/s", "", "1/400d", "1/s/s",
			"99999999999999999999/s" })
	void refusesWhatIsNoRate(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> Rate.parse(text));
		assertThatExceptionOfType(InvalidRateRuleException.class)
			.isThrownBy(() -> RateRule.builder("checkout").rate(text))
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo("rate"))
			.withMessageContaining("'checkout'")
			.withMessageContaining(text);
	}

	@Test
	void refusesWhatDoesNotFit() {
		Duration second = Duration.ofSeconds(1);
		refused("rate", (rule) -> rule);
		refused("burst", (rule) -> rule.rate("1/s").burst(-1));
		refused("burst", (rule) -> rule.rate("1/s").burst(2).algorithm(RateAlgorithm.FIXED_WINDOW));
		refused("limit", (rule) -> rule.rate("1/s").limit(1));
		refused("limit", (rule) -> rule.algorithm(RateAlgorithm.CONCURRENCY));
		refused("rate", (rule) -> rule.algorithm(RateAlgorithm.CONCURRENCY).limit(1).rate("1/s"));
		refused("warm-up", (rule) -> rule.rate("1/s").warmUp(second).algorithm(RateAlgorithm.LEAKY_BUCKET));
		refused("warm-up", (rule) -> rule.rate("1/s").rate("10/m").warmUp(second));
		refused("warm-up", (rule) -> rule.rate("1/s").warmUp(second.negated()));
		refused("max-wait", (rule) -> rule.rate("1/s").maxWait(second.negated()));
		refused("max-wait", (rule) -> rule.rate("1/s").maxWait(second).algorithm(RateAlgorithm.FIXED_WINDOW));
		refused("max-wait", (rule) -> rule.rate("1/s").maxWait(second).algorithm(RateAlgorithm.SLIDING_WINDOW));
		refused("max-wait", (rule) -> rule.rate("1/s").maxWait(second).warmUp(second));
		refused("over-admission", (rule) -> rule.rate("1/s").overAdmission(1.5));
		refused("over-admission", (rule) -> rule.rate("1/s").overAdmission(-0.1));
		refused("over-admission", (rule) -> rule.rate("1/s").algorithm(RateAlgorithm.LEAKY_BUCKET).overAdmission(0.1));
		refused("rate", (rule) -> rule.rate("1/366d").burst(1_000_000_000));
		refused("rate", (rule) -> rule.rate("1/s").rate("2/s").rate("3/s").rate("4/s").rate("5/s"));
		assertThatExceptionOfType(InvalidRateRuleException.class)
			.isThrownBy(() -> RateRule.builder("a b").rate("1/s").build());
	}

	private static void refused(String attribute, UnaryOperator<RateRule.Builder> description) {
		assertThatExceptionOfType(InvalidRateRuleException.class)
			.isThrownBy(() -> description.apply(RateRule.builder("checkout")).build())
			.satisfies((ex) -> assertThat(ex.getAttribute()).isEqualTo(attribute))
			.withMessageContaining("'checkout'");
	}

	@Test
	void ruleThatIsDescribedAgainIsEqual() {
		RateRule rule = RateRule.builder("r").rate("10/s").rate("100/h").burst(20).shadow(true).build();
		assertThat(rule.toBuilder().build()).isEqualTo(rule).hasSameHashCodeAs(rule);
		assertThat(rule.toBuilder().burst(21).build()).isNotEqualTo(rule);
	}

	@Test
	void burstIsThatOfTheShortestRate() {
		RateRule rule = RateRule.builder("r").rate("100/m").rate("10/s").build();
		assertThat(rule.burst()).isEqualTo(10);
		assertThat(rule.mostPermits()).isEqualTo(10);
	}

}
