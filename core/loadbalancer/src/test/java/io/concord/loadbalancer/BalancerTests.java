package io.concord.loadbalancer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

class BalancerTests {

	private final TestClock clock = new TestClock();

	private final Random random = new Random(42);

	@Test
	void takesOneAfterTheOther() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1, 9, 3));
		assertThat(picks(balancer, 300)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 100, "b", 100, "c", 100));
	}

	@Test
	void beginsAnywhere() {
		Set<String> first = Set.copyOf(IntStream.range(0, 50)
			.mapToObj((i) -> chosen(balancer(Algorithm.ROUND_ROBIN, weighted(1, 1, 1))))
			.toList());
		assertThat(first).containsExactlyInAnyOrder("a", "b", "c");
	}

	@ParameterizedTest
	@EnumSource(names = { "WEIGHTED_ROUND_ROBIN", "WEIGHTED_RANDOM", "STICKY" })
	void followsWeights(Algorithm algorithm) {
		Map<String, Integer> picks = picks(balancer(algorithm, weighted(5, 1, 2)), 8000);
		assertThat(picks.get("a")).isCloseTo(5000, within(150));
		assertThat(picks.get("b")).isCloseTo(1000, within(150));
		assertThat(picks.get("c")).isCloseTo(2000, within(150));
	}

	@ParameterizedTest
	@EnumSource
	void weightZeroGetsNoNewCalls(Algorithm algorithm) {
		assertThat(begun(balancer(algorithm, weighted(1, 0, 2)), 100)).containsOnlyKeys("a", "c");
	}

	@ParameterizedTest
	@EnumSource
	void noInstanceOrAllDrainedGivesNone(Algorithm algorithm) {
		assertThat(balancer(algorithm, List.of()).choose()).isNull();
		assertThat(balancer(algorithm, weighted(0, 0)).choose()).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void oneInstanceGetsAll(Algorithm algorithm) {
		Balancer<String> balancer = balancer(algorithm, weighted(3));
		assertThat(picks(balancer, 100)).containsOnlyKeys("a");
		assertThat(balancer.choose(new Selection("key", Set.of("a")))).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void leavesOutWhatWasTried(Algorithm algorithm) {
		Balancer<String> balancer = balancer(algorithm, weighted(1, 1, 5));
		for (int i = 0; i < 200; i++) {
			Target<String> target = balancer.choose(new Selection(null, Set.of("c", "a")));
			assertThat(target).extracting(Target::id).isEqualTo("b");
		}
		assertThat(balancer.choose(new Selection(null, Set.of("a", "b", "c")))).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void tenThousandInstances(Algorithm algorithm) {
		double[] weights = new double[10_000];
		Arrays.setAll(weights, (i) -> 1 + i % 13);
		Balancer<String> balancer = balancer(algorithm, weighted(weights));
		for (int i = 0; i < 100; i++) {
			assertThat(balancer.choose()).isNotNull();
		}
	}

	@Test
	void takesTheLeastBusy() {
		Balancer<String> balancer = balancer(Algorithm.LEAST_CONNECTIONS, weighted(1, 100, 1));
		Map<String, Integer> inFlight = begun(balancer, 30);
		assertThat(inFlight).containsExactlyInAnyOrderEntriesOf(Map.of("a", 10, "b", 10, "c", 10));
	}

	@Test
	void takesTheLeastBusyForItsWeight() {
		Balancer<String> balancer = balancer(Algorithm.WEIGHTED_LEAST_CONNECTIONS, weighted(1, 2, 3));
		assertThat(begun(balancer, 60)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 10, "b", 20, "c", 30));
	}

	@Test
	void equallyBusyOnesTakeTurns() {
		Balancer<String> balancer = balancer(Algorithm.LEAST_CONNECTIONS, weighted(1, 1, 1, 1));
		assertThat(picks(balancer, 400).values()).allMatch((picks) -> picks > 50);
	}

	@Test
	void takesTheLessBusyOfTwo() {
		Balancer<String> balancer = balancer(Algorithm.POWER_OF_TWO, weighted(1, 1, 1, 1));
		balancer.targets().stream().filter((target) -> !target.id().equals("d")).forEach(balancer::begin);
		balancer.targets().stream().filter((target) -> target.id().equals("a")).forEach(balancer::begin);
		Map<String, Integer> picks = picks(balancer, 1200);
		assertThat(picks).doesNotContainKey("a");
		// Drawn in half of the pairs, and always better.
		assertThat(picks.get("d")).isCloseTo(600, within(80));
	}

	@Test
	void twoAreDrawnByWeight() {
		Map<String, Integer> picks = picks(balancer(Algorithm.POWER_OF_TWO, weighted(1, 3)), 4000);
		assertThat(picks.get("a")).isCloseTo(1000, within(120));
	}

	@Test
	void prefersThoseThatAnswerFast() {
		Balancer<String> balancer = balancer(Algorithm.PEAK_EWMA, weighted(1, 1));
		for (Target<String> target : balancer.targets()) {
			Call call = balancer.begin(target);
			this.clock.pass(Duration.ofMillis(target.id().equals("a") ? 100 : 10));
			call.answered(false);
			call.close();
		}
		assertThat(picks(balancer, 100)).containsOnlyKeys("b");
	}

	@Test
	void forgetsThatOneWasSlow() {
		Balancer<String> balancer = balancer(Algorithm.PEAK_EWMA, weighted(1, 1));
		Target<String> slow = balancer.targets().get(0);
		Call call = balancer.begin(slow);
		this.clock.pass(Duration.ofSeconds(1));
		call.answered(false);
		call.close();
		Duration before = ewma(balancer, "a");
		this.clock.pass(Duration.ofSeconds(30));
		assertThat(before).isEqualTo(Duration.ofSeconds(1));
		assertThat(ewma(balancer, "a")).isLessThan(Duration.ofMillis(150));
	}

	@Test
	void oneThatOwesItsFirstAnswerIsNotFlooded() {
		Balancer<String> balancer = balancer(Algorithm.PEAK_EWMA, weighted(1, 1));
		Call call = balancer.begin(balancer.targets().get(1));
		this.clock.pass(Duration.ofMillis(20));
		call.answered(false);
		call.close();
		assertThat(begun(balancer, 10).get("a")).isEqualTo(1);
	}

	@Test
	void goesWhereTheCookieSays() {
		Balancer<String> balancer = balancer(Algorithm.STICKY, weighted(1, 1, 1));
		String cookie = balancer.targets().get(1).cookie();
		for (int i = 0; i < 50; i++) {
			assertThat(balancer.choose(new Selection(cookie, Set.of()))).extracting(Target::id).isEqualTo("b");
		}
		assertThat(cookie).matches("[0-9a-f]{16}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "b", "ffffffffffffffff", "\u0000;=\"", "a very long one" })
	void cookieThatNamesNobodyCountsAsNone(String cookie) {
		Balancer<String> balancer = balancer(Algorithm.STICKY, weighted(1, 1, 1));
		Set<String> chosen = Set.copyOf(IntStream.range(0, 30)
			.mapToObj((i) -> idOf(balancer.choose(new Selection(cookie, Set.of()))))
			.toList());
		assertThat(chosen).containsExactlyInAnyOrder("a", "b", "c");
	}

	@Test
	void drainedInstanceKeepsThoseWhoStickToIt() {
		Balancer<String> balancer = balancer(Algorithm.STICKY, weighted(1, 0));
		String cookie = balancer.targets().get(1).cookie();
		assertThat(balancer.choose(new Selection(cookie, Set.of()))).extracting(Target::id).isEqualTo("b");
		assertThat(picks(balancer, 20)).containsOnlyKeys("a");
	}

	@ParameterizedTest
	@EnumSource
	void keysStayWhereTheyAre(HashSettings.Table table) {
		Balancer<String> balancer = hashing(table, 0, weighted(1, 1, 1, 1));
		Balancer<String> other = hashing(table, 0, reversed(weighted(1, 1, 1, 1)));
		Map<String, String> before = places(balancer);
		assertThat(places(other)).isEqualTo(before);
		balancer.update(weighted(1, 1, 1));
		Map<String, String> after = places(balancer);
		long moved = before.keySet()
			.stream()
			.filter((key) -> !"d".equals(before.get(key)) && !Objects.equals(before.get(key), after.get(key)))
			.count();
		assertThat(moved).isLessThan(table == HashSettings.Table.MAGLEV ? 100 : 1);
		assertThat(Set.copyOf(after.values())).containsExactlyInAnyOrder("a", "b", "c");
	}

	@Test
	void keysOfAnEjectedInstanceMoveAndComeBack() {
		Balancer<String> balancer = hashing(HashSettings.Table.RENDEZVOUS, 0, weighted(1, 1, 1));
		Map<String, String> before = places(balancer);
		for (int i = 0; i < 5; i++) {
			balancer.begin(balancer.targets().get(0)).failed(false);
		}
		assertThat(places(balancer).values()).doesNotContain("a");
		this.clock.pass(Duration.ofSeconds(5));
		assertThat(places(balancer)).isEqualTo(before);
	}

	@Test
	void nextTryOfAKeyIsAlwaysTheSame() {
		Balancer<String> balancer = hashing(HashSettings.Table.RING, 0, weighted(1, 1, 1, 1));
		String first = idOf(balancer.choose(new Selection("key", Set.of())));
		Set<String> second = Set.copyOf(IntStream.range(0, 20)
			.mapToObj((i) -> idOf(balancer.choose(new Selection("key", Set.of(first)))))
			.toList());
		assertThat(second).hasSize(1).doesNotContain(first);
	}

	@Test
	void boundedHashSpills() {
		Balancer<String> balancer = hashing(HashSettings.Table.MAGLEV, 1.25, weighted(1, 1, 1, 1));
		Map<String, Integer> begun = new TreeMap<>();
		for (int i = 0; i < 100; i++) {
			Target<String> target = Objects.requireNonNull(balancer.choose(new Selection("hot", Set.of())));
			balancer.begin(target);
			begun.merge(target.id(), 1, Integer::sum);
		}
		assertThat(begun.values()).allMatch((calls) -> calls <= 33);
		assertThat(begun).hasSize(4);
	}

	@Test
	void withoutAKeyHashesTakeTurns() {
		Balancer<String> balancer = hashing(HashSettings.Table.MAGLEV, 0, weighted(1, 1));
		assertThat(picks(balancer, 10)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 5, "b", 5));
		assertThat(balancer.choose(new Selection("", Set.of()))).isNotNull();
	}

	private Balancer<String> hashing(HashSettings.Table table, double bound, List<Candidate<String>> candidates) {
		Balancer<String> balancer = balancer(Algorithm.CONSISTENT_HASH, List.of());
		balancer.configure(balancer.settings().withHash(new HashSettings(table, bound)));
		balancer.update(candidates);
		return balancer;
	}

	private static Map<String, String> places(Balancer<String> balancer) {
		Map<String, String> places = new TreeMap<>();
		for (int i = 0; i < 1000; i++) {
			places.put("key" + i, idOf(balancer.choose(new Selection("key" + i, Set.of()))));
		}
		return places;
	}

	@Test
	void weightsChangeLive() {
		Balancer<String> balancer = balancer(Algorithm.WEIGHTED_ROUND_ROBIN, weighted(1, 1));
		balancer.update(weighted(3, 1));
		assertThat(picks(balancer, 400)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 300, "b", 100));
	}

	@Test
	void algorithmChangesLive() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(3, 1));
		balancer.configure(balancer.settings().withAlgorithm(Algorithm.WEIGHTED_ROUND_ROBIN));
		assertThat(picks(balancer, 400)).containsExactlyInAnyOrderEntriesOf(Map.of("a", 300, "b", 100));
	}

	@Test
	void callsInFlightOutliveAnUpdate() {
		Balancer<String> balancer = balancer(Algorithm.LEAST_CONNECTIONS, weighted(1, 1));
		Call call = balancer.begin(balancer.targets().get(0));
		balancer.update(weighted(1, 1, 1));
		assertThat(balancer.targets().get(0).inFlight()).isOne();
		call.close();
		assertThat(balancer.targets().get(0).inFlight()).isZero();
	}

	@Test
	void ofDuplicateNamesTheFirstCounts() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN,
				List.of(new Candidate<>("a", "first", 1), new Candidate<>("a", "second", 1)));
		assertThat(balancer.targets()).extracting(Target::value).containsExactly("first");
	}

	@ParameterizedTest
	@ValueSource(doubles = { -1, Double.NaN, Double.POSITIVE_INFINITY, 1_000_001 })
	void refusesWeightsThatCanNotBe(double weight) {
		assertThatIllegalArgumentException().isThrownBy(() -> new Candidate<>("a", "a", weight))
			.withMessageContaining("weight of 'a'");
	}

	@ParameterizedTest
	@EnumSource
	void endsOfACallCountOnce(End end) {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1));
		Target<String> target = balancer.targets().get(0);
		Call call = balancer.begin(target);
		Call other = balancer.begin(target);
		end.of(call);
		end.of(call);
		call.close();
		call.cancelled();
		call.failed(true);
		assertThat(target.inFlight()).isOne();
		other.close();
		assertThat(target.inFlight()).isZero();
		assertThat(target.failures()).isEqualTo((end == End.FAILED || end == End.BROKE_OFF) ? 1 : 0);
	}

	@Test
	void callThatNobodyEndsCountsForAWhileOnly() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1));
		Target<String> target = balancer.targets().get(0);
		Call forgotten = balancer.begin(target);
		this.clock.pass(Duration.ofMinutes(9));
		balancer.begin(target);
		this.clock.pass(Duration.ofMinutes(2));
		balancer.sweep();
		assertThat(target.inFlight()).isOne();
		forgotten.close();
		assertThat(target.inFlight()).isOne();
	}

	@Test
	void callThatNobodyEndsCountsForAWhileOnlyAlsoIfItsInstanceHasGone() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1));
		Target<String> gone = balancer.targets().get(0);
		balancer.begin(gone);
		balancer.update(List.of(new Candidate<>("b", "b", 1)));
		balancer.update(List.of(new Candidate<>("c", "c", 1)));
		this.clock.pass(Duration.ofMinutes(9));
		balancer.sweep();
		assertThat(gone.inFlight()).isOne();
		this.clock.pass(Duration.ofMinutes(2));
		balancer.sweep();
		assertThat(gone.inFlight()).isZero();
	}

	@Test
	void newInstanceGetsItsShareStepByStep() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1));
		balancer.update(weighted(1, 1));
		assertThat(share(balancer, "b")).isCloseTo(0.1 / 1.1, within(0.001));
		this.clock.pass(Duration.ofSeconds(5));
		balancer.choose();
		assertThat(share(balancer, "b")).isCloseTo(0.5 / 1.5, within(0.001));
		assertThat(picks(balancer, 3000).get("b")).isCloseTo(1000, within(20));
		this.clock.pass(Duration.ofSeconds(5));
		balancer.choose();
		assertThat(share(balancer, "b")).isEqualTo(0.5);
	}

	@Test
	void firstInstancesDoNotStartSlowly() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1, 1));
		assertThat(share(balancer, "b")).isEqualTo(0.5);
	}

	@Test
	void slowStartCanBeSwitchedOff() {
		Balancer<String> balancer = balancer(Algorithm.ROUND_ROBIN, weighted(1));
		balancer.configure(balancer.settings().withSlowStart(Duration.ZERO));
		balancer.update(weighted(1, 1));
		assertThat(share(balancer, "b")).isEqualTo(0.5);
	}

	@Test
	void instanceThatIsNoLongerDrainedStartsSlowly() {
		Balancer<String> balancer = balancer(Algorithm.WEIGHTED_ROUND_ROBIN, weighted(1, 0));
		balancer.update(weighted(1, 1));
		assertThat(share(balancer, "b")).isLessThan(0.1);
	}

	private Balancer<String> balancer(Algorithm algorithm, List<Candidate<String>> candidates) {
		Balancer<String> balancer = new Balancer<>("service", BalancerSettings.DEFAULT.withAlgorithm(algorithm),
				BalancerObserver.NONE, this.clock, () -> this.random);
		balancer.update(candidates);
		return balancer;
	}

	private static List<Candidate<String>> weighted(double... weights) {
		List<Candidate<String>> candidates = new ArrayList<>();
		for (double weight : weights) {
			int i = candidates.size();
			String id = (i < 26) ? String.valueOf((char) ('a' + i)) : "n" + i;
			candidates.add(new Candidate<>(id, id, weight));
		}
		return candidates;
	}

	private static List<Candidate<String>> reversed(List<Candidate<String>> candidates) {
		List<Candidate<String>> reversed = new ArrayList<>(candidates);
		Collections.reverse(reversed);
		return reversed;
	}

	private static Map<String, Integer> picks(Balancer<String> balancer, int calls) {
		Map<String, Integer> picks = new TreeMap<>();
		for (int i = 0; i < calls; i++) {
			picks.merge(chosen(balancer), 1, Integer::sum);
		}
		return picks;
	}

	private static Map<String, Integer> begun(Balancer<String> balancer, int calls) {
		Map<String, Integer> begun = new TreeMap<>();
		for (int i = 0; i < calls; i++) {
			Target<String> target = Objects.requireNonNull(balancer.choose());
			balancer.begin(target);
			begun.merge(target.id(), 1, Integer::sum);
		}
		return begun;
	}

	private static String chosen(Balancer<String> balancer) {
		return idOf(balancer.choose());
	}

	private static String idOf(@Nullable Target<String> target) {
		return Objects.requireNonNull(target).id();
	}

	private static double share(Balancer<String> balancer, String id) {
		return status(balancer, id).share();
	}

	private static Duration ewma(Balancer<String> balancer, String id) {
		return status(balancer, id).ewma();
	}

	private static TargetStatus status(Balancer<String> balancer, String id) {
		return balancer.status().stream().filter((status) -> status.id().equals(id)).findFirst().orElseThrow();
	}

	/** How a call ends. */
	enum End {

		CLOSED, FAILED, CANCELLED, ANSWERED, BROKE_OFF;

		void of(Call call) {
			switch (this) {
				case CLOSED -> call.close();
				case FAILED -> call.failed(false);
				case CANCELLED -> call.cancelled();
				case ANSWERED -> {
					call.answered(false);
					call.close();
				}
				case BROKE_OFF -> {
					call.answered(false);
					call.failed(false);
				}
			}
		}

	}

}
