package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import io.concord.lease.Claim;
import io.concord.lease.zookeeper.Line.UnknownFormatException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class LineTests {

	@Test
	void ordersByNumberAlsoWhenNumbersWrapAround() throws UnknownFormatException {
		List<String> inOrder = List.of(node("c", 1, Integer.MAX_VALUE - 1), node("a", 1, Integer.MAX_VALUE),
				node("b", 1, Integer.MIN_VALUE), node("d", 1, Integer.MIN_VALUE + 1));
		List<String> shuffled = new ArrayList<>(inOrder);
		for (int seed = 0; seed < 20; seed++) {
			Collections.shuffle(shuffled, new Random(seed));
			Line line = Line.of(shuffled);
			assertThat(inOrder.stream().map(line::indexOf)).containsExactly(0, 1, 2, 3);
			assertThat(line.watchedBy(2)).isEqualTo(inOrder.get(1));
		}
	}

	@Test
	void goesFromPositiveToNegativeNumbersThroughZeroToo() throws UnknownFormatException {
		Line line = Line.of(List.of(node("b", 1, 0), node("a", 1, -1)));
		assertThat(line.indexOf(node("a", 1, -1))).isZero();
	}

	@Test
	void grantsTheFirstOnlyIfExclusive() throws UnknownFormatException {
		Line line = line(1, 1, 1);
		assertThat(line.holders()).isOne();
		assertThat(line.watchedBy(1)).isEqualTo(node(0, 1));
		assertThat(line.watchedBy(2)).isEqualTo(node(1, 1));
	}

	@Test
	void grantsAsManyAsTheLeastLimitOfThoseConcerned() throws UnknownFormatException {
		assertThat(line(3, 3, 3, 3).holders()).isEqualTo(3);
		assertThat(line(3, 2, 3).holders()).isEqualTo(2);
		assertThat(line(Claim.SHARED, Claim.SHARED, 1, Claim.SHARED).holders()).isEqualTo(2);
		assertThat(line(1, Claim.SHARED).holders()).isOne();
		assertThat(line(5, 5, 2, 5).holders()).isEqualTo(2);
		assertThat(line().holders()).isZero();
	}

	@Test
	void tellsWhetherANewClaimWouldWait() throws UnknownFormatException {
		assertThat(line().conflictsWith(1)).isFalse();
		assertThat(line(1).conflictsWith(Claim.SHARED)).isTrue();
		assertThat(line(Claim.SHARED).conflictsWith(Claim.SHARED)).isFalse();
		assertThat(line(Claim.SHARED).conflictsWith(1)).isTrue();
		assertThat(line(2).conflictsWith(3)).isFalse();
		assertThat(line(2, 2).conflictsWith(3)).isTrue();
		assertThat(line(Claim.SHARED, 1).conflictsWith(Claim.SHARED)).isTrue();
	}

	@Test
	void readersWatchTheLastThatIsNoReader() throws UnknownFormatException {
		Line line = line(1, 1, Claim.SHARED, Claim.SHARED, Claim.SHARED);
		assertThat(List.of(line.watchedBy(2), line.watchedBy(3), line.watchedBy(4))).containsOnly(node(1, 1));
	}

	@Test
	void theFirstToWaitForOneOfSeveralWatchesAllAndTheOthersTheOneBefore() throws UnknownFormatException {
		Line line = line(2, 2, 2, 2, 2);
		assertThat(line.watchedBy(2)).isNull();
		assertThat(line.watchedBy(3)).isEqualTo(node(2, 2));
		assertThat(line.watchedBy(4)).isEqualTo(node(3, 2));
		// Readers among them can't tell by one node either.
		assertThat(line(2, 2, Claim.SHARED).watchedBy(2)).isNull();
	}

	/**
	 * Whoever holds does so until it leaves, and whoever waits watches something without
	 * whose change its turn does not come.
	 */
	@Test
	void nobodyLosesItsTurnOrMissesIt() throws UnknownFormatException {
		for (int seed = 0; seed < 5_000; seed++) {
			Random random = new Random(seed);
			List<String> nodes = new ArrayList<>();
			int number = 0;
			for (int step = 0; step < 12; step++) {
				Line before = Line.of(nodes);
				List<String> next = new ArrayList<>(nodes);
				if (next.isEmpty() || random.nextInt(3) > 0) {
					next.add(node(number++, new int[] { 1, 2, 3, Claim.SHARED }[random.nextInt(4)]));
				}
				else {
					next.remove(random.nextInt(next.size()));
				}
				Line after = Line.of(next);
				for (String node : nodes) {
					int index = before.indexOf(node);
					int indexAfter = after.indexOf(node);
					if (indexAfter < 0) {
						continue;
					}
					if (!before.isWaiting(index)) {
						assertThat(after.isWaiting(indexAfter)).as("seed %d: %s -> %s", seed, nodes, next).isFalse();
					}
					else if (!after.isWaiting(indexAfter)) {
						String watched = before.watchedBy(index);
						assertThat(watched == null || !next.contains(watched) || marks(before, after, watched))
							.as("seed %d: %s -> %s, %s watched %s", seed, nodes, next, node, watched)
							.isTrue();
					}
				}
				nodes = next;
			}
		}
	}

	/** Whether a claim that may hold beside others gets its turn, which it shows. */
	private static boolean marks(Line before, Line after, String node) {
		return !node.startsWith("1~1~") && before.isWaiting(before.indexOf(node))
				&& !after.isWaiting(after.indexOf(node));
	}

	@Test
	void knowsNoOtherFormat() {
		for (String node : List.of("2~1~engine-a~0000000001", "lock-0000000001", "1~1~engine-a~0000000001~x",
				"1~x~engine-a~0000000001", "1~1~engine-a~", "1~0~engine-a~0000000001", "")) {
			assertThatExceptionOfType(UnknownFormatException.class).isThrownBy(() -> Line.of(List.of(node)))
				.withMessage(node);
		}
	}

	@Test
	void readsWhatIsWritten() throws UnknownFormatException {
		for (String owner : List.of("engine-1", "engine/~%-1", "~", "%s")) {
			Claim claim = new Claim("name", owner, Claim.SHARED, Duration.ofSeconds(1), Duration.ZERO);
			String node = Nodes.prefix(claim) + "-2147483648";
			assertThat(node).doesNotContain("/");
			Line line = Line.of(List.of(node));
			assertThat(line.startingWith(Nodes.prefix(claim))).containsExactly(node);
			assertThat(line.holders()).isOne();
		}
	}

	private static Line line(int... limits) throws UnknownFormatException {
		List<String> nodes = new ArrayList<>();
		for (int i = 0; i < limits.length; i++) {
			nodes.add(node(i, limits[i]));
		}
		Collections.shuffle(nodes, new Random(1));
		return Line.of(nodes);
	}

	private static String node(int number, int limit) {
		return node("o" + number, limit, number);
	}

	private static String node(String owner, int limit, int number) {
		return "1~" + limit + "~engine-" + owner + "~" + String.format("%010d", number);
	}

}
