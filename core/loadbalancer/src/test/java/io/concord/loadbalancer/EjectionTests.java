package io.concord.loadbalancer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EjectionTests {

	/** Overflows on its way. */
	private final TestClock clock = new TestClock(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());

	private final List<String> told = new ArrayList<>();

	private final BalancerObserver observer = new BalancerObserver() {

		@Override
		public void ejected(String service, String instance, EjectionReason reason) {
			EjectionTests.this.told.add(instance + " " + reason);
		}

		@Override
		public void returned(String service, String instance) {
			EjectionTests.this.told.add(instance + " back");
		}

	};

	private final Balancer<String> balancer = new Balancer<>("service", BalancerSettings.DEFAULT, this.observer,
			this.clock, () -> new Random(1));

	EjectionTests() {
		instances(3);
	}

	@Test
	void failuresInARowEject() {
		fail("a", 4);
		succeed("a", 1);
		fail("a", 4);
		assertThat(this.told).isEmpty();
		fail("a", 1);
		assertThat(this.told).containsExactly("a CONSECUTIVE_FAILURES");
		assertThat(chosen(60)).containsOnly("b", "c");
	}

	@Test
	void failuresToConnectEjectSooner() {
		target("b");
		this.balancer.begin(target("b")).failed(true);
		this.balancer.begin(target("b")).failed(true);
		assertThat(this.told).containsExactly("b CONNECT_FAILURES");
	}

	@Test
	void tooLargeAShareOfFailuresEjects() {
		for (int i = 0; i < 9; i++) {
			succeed("a", 1);
			fail("a", 1);
		}
		succeed("a", 1);
		assertThat(this.told).isEmpty();
		fail("a", 1);
		assertThat(this.told).containsExactly("a FAILURE_RATE");
	}

	@Test
	void comesBackAndIsGoneAtOnceIfItFailsAgain() {
		fail("a", 5);
		this.clock.pass(Duration.ofSeconds(5));
		assertThat(chosen(1000)).contains("a");
		fail("a", 1);
		assertThat(this.told).containsExactly("a CONSECUTIVE_FAILURES", "a back", "a FAILED_AGAIN");
		// Twice as long now.
		this.clock.pass(Duration.ofSeconds(9));
		assertThat(chosen(1000)).doesNotContain("a");
		this.clock.pass(Duration.ofSeconds(1));
		assertThat(chosen(1000)).contains("a");
		assertThat(ejectedFor("a")).isNull();
	}

	@Test
	void callsFromBeforeItWasEjectedDoNotEjectItAgain() {
		List<Call> hanging = IntStream.range(0, 6).mapToObj((i) -> this.balancer.begin(target("a"))).toList();
		fail("a", 5);
		this.clock.pass(Duration.ofSeconds(5));
		assertThat(chosen(1000)).contains("a");
		hanging.forEach((call) -> call.failed(false));
		assertThat(this.told).containsExactly("a CONSECUTIVE_FAILURES", "a back");
		fail("a", 1);
		assertThat(this.told).endsWith("a FAILED_AGAIN");
	}

	@Test
	void isAwayForAsLongAsItMayAtMost() {
		fail("a", 5);
		Duration longest = Duration.ZERO;
		for (int i = 0; i < 70; i++) {
			Duration left = Objects.requireNonNull(ejectedFor("a"));
			longest = (left.compareTo(longest) > 0) ? left : longest;
			this.clock.pass(left);
			this.balancer.choose();
			fail("a", 1);
		}
		assertThat(longest).isEqualTo(Duration.ofMinutes(5));
	}

	@Test
	void whoWasGoodForLongIsEjectedForTheFirstTimeAgain() {
		fail("a", 5);
		this.clock.pass(Duration.ofSeconds(5));
		this.balancer.choose();
		succeed("a", 1);
		this.clock.pass(Duration.ofSeconds(6));
		fail("a", 5);
		assertThat(ejectedFor("a")).isEqualTo(Duration.ofSeconds(5));
	}

	@Test
	void startsSlowlyWhenItComesBack() {
		fail("a", 5);
		this.clock.pass(Duration.ofSeconds(5));
		this.balancer.choose();
		assertThat(status("a").share()).isLessThan(0.05);
		this.clock.pass(Duration.ofSeconds(10));
		this.balancer.choose();
		assertThat(status("a").share()).isEqualTo(1 / 3.0);
	}

	@Test
	void noMoreThanTheShareIsEjected() {
		instances(10);
		for (TargetStatus status : this.balancer.status()) {
			fail(status.id(), 5);
		}
		assertThat(this.told).hasSize(5);
		assertThat(chosen(100)).hasSize(100);
	}

	@Test
	void ofTwoOneIsEjectedAndOfOneNone() {
		instances(2);
		fail("a", 5);
		fail("b", 5);
		assertThat(this.told).containsExactly("a CONSECUTIVE_FAILURES");
		instances(1);
		assertThat(chosen(1)).containsExactly("a");
		this.clock.pass(Duration.ofSeconds(5));
		this.balancer.choose();
		fail("a", 20);
		assertThat(chosen(1)).containsExactly("a");
	}

	@Test
	void whoIsEjectedIsUsedIfAllOthersHaveGone() {
		fail("a", 5);
		instances(1);
		assertThat(chosen(2)).containsExactly("a", "a");
		assertThat(ejectedFor("a")).isPositive();
	}

	@Test
	void drainedInstancesDoNotCountAmongTheOthers() {
		this.balancer.update(List.of(new Candidate<>("a", "a", 1), new Candidate<>("b", "b", 0)));
		fail("a", 20);
		assertThat(this.told).isEmpty();
	}

	@Test
	void callThatIsGivenUpSaysNothing() {
		for (int i = 0; i < 50; i++) {
			this.balancer.begin(target("a")).cancelled();
		}
		assertThat(this.told).isEmpty();
		assertThat(status("a").failures()).isZero();
	}

	@Test
	void instanceThatAnswersNobodyForLongFails() {
		List<Call> calls = IntStream.range(0, 5).mapToObj((i) -> this.balancer.begin(target("a"))).toList();
		this.clock.pass(Duration.ofMillis(500));
		calls.forEach(Call::cancelled);
		assertThat(this.told).containsExactly("a CONSECUTIVE_FAILURES");
	}

	@Test
	void instanceThatAnswersOthersDoesNot() {
		List<Call> calls = IntStream.range(0, 5).mapToObj((i) -> this.balancer.begin(target("a"))).toList();
		this.clock.pass(Duration.ofMillis(500));
		succeed("a", 1);
		calls.forEach(Call::cancelled);
		assertThat(this.told).isEmpty();
	}

	@Test
	void answerThatBreaksOffIsAFailure() {
		for (int i = 0; i < 5; i++) {
			Call call = this.balancer.begin(target("a"));
			call.answered(false);
			call.failed(false);
		}
		assertThat(status("a").failures()).isEqualTo(5);
	}

	@Test
	void lateFailuresOfAnEjectedInstanceDoNotProlongIt() {
		List<Call> late = IntStream.range(0, 20).mapToObj((i) -> this.balancer.begin(target("a"))).toList();
		fail("a", 5);
		late.forEach((call) -> call.failed(true));
		assertThat(this.told).containsExactly("a CONSECUTIVE_FAILURES");
		assertThat(ejectedFor("a")).isEqualTo(Duration.ofSeconds(5));
	}

	@Test
	void canBeSwitchedOff() {
		fail("a", 5);
		this.balancer.configure(this.balancer.settings().withEjection(EjectionSettings.disabled()));
		assertThat(ejectedFor("a")).isNull();
		fail("b", 50);
		assertThat(ejectedFor("b")).isNull();
	}

	@Test
	void refusesSettingsThatCanNotBe() {
		Duration time = Duration.ofSeconds(1);
		assertThatExceptionOfType(InvalidBalancerException.class)
			.isThrownBy(() -> new EjectionSettings(true, 0, 1, 0.5, 1, time, time, 0.5, time))
			.withMessageContaining("connect-failures is 0");
		assertThatExceptionOfType(InvalidBalancerException.class)
			.isThrownBy(() -> new EjectionSettings(true, 1, 1, 0, 1, time, time, 0.5, time))
			.withMessageContaining("failure-rate");
		assertThatExceptionOfType(InvalidBalancerException.class)
			.isThrownBy(() -> new EjectionSettings(true, 1, 1, 1, 1, time, time, 1.5, time))
			.withMessageContaining("max-share");
		assertThatExceptionOfType(InvalidBalancerException.class)
			.isThrownBy(() -> new EjectionSettings(true, 1, 1, 1, 1, time, time.minusMillis(1), 1, time))
			.withMessageContaining("max-time");
		assertThatExceptionOfType(InvalidBalancerException.class)
			.isThrownBy(() -> BalancerSettings.DEFAULT.withSlowStart(Duration.ofSeconds(-1)))
			.withMessageContaining("slow-start");
	}

	private void instances(int count) {
		this.balancer.update(IntStream.range(0, count)
			.mapToObj((i) -> String.valueOf((char) ('a' + i)))
			.map((id) -> new Candidate<>(id, id, 1))
			.toList());
	}

	private void fail(String id, int calls) {
		for (int i = 0; i < calls; i++) {
			this.balancer.begin(target(id)).failed(false);
		}
	}

	private void succeed(String id, int calls) {
		for (int i = 0; i < calls; i++) {
			try (Call call = this.balancer.begin(target(id))) {
				call.answered(false);
			}
		}
	}

	private Target<String> target(String id) {
		return this.balancer.targets().stream().filter((target) -> target.id().equals(id)).findFirst().orElseThrow();
	}

	private List<String> chosen(int calls) {
		return IntStream.range(0, calls).mapToObj((i) -> Objects.requireNonNull(this.balancer.choose()).id()).toList();
	}

	private TargetStatus status(String id) {
		return this.balancer.status().stream().filter((status) -> status.id().equals(id)).findFirst().orElseThrow();
	}

	private @Nullable Duration ejectedFor(String id) {
		return status(id).ejectedFor();
	}

}
