package io.concord.hashing;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What moves where between two partitioners, on a sample of keys. Immutable.
 *
 * @param keys how many keys were looked at
 * @param unplaced how many of them have no node before or after, and are in no other
 * figure
 * @param moved how many have another node after than before
 * @param needless how many of those moved though neither did the node they left have to
 * lose keys nor the one they reached to win some
 * @param before how many keys each node has before, by its name; also those that have
 * none
 * @param after how many keys each node has after, by its name; also those that have none
 * @param moves what moved, the largest first
 */
public record MovementReport(long keys, long unplaced, long moved, long needless, Map<String, Long> before,
		Map<String, Long> after, List<Move> moves) {

	/** How many keys are looked at if none are given. */
	public static final int DEFAULT_SAMPLE = 100_000;

	/**
	 * Copies the collections.
	 */
	public MovementReport {
		before = Collections.unmodifiableMap(new TreeMap<>(before));
		after = Collections.unmodifiableMap(new TreeMap<>(after));
		moves = List.copyOf(moves);
	}

	/**
	 * Compares on the keys 0, 1, 2 and so on, which stand for any keys where they are
	 * hashed. For ranges and mappings give keys of your own.
	 * @param before the partitioner before
	 * @param after the partitioner after
	 * @return what moves
	 */
	public static MovementReport between(Partitioner<?> before, Partitioner<?> after) {
		return between(before, after,
				Stream.iterate(0, (key) -> key + 1).limit(DEFAULT_SAMPLE).map((key) -> Integer.toString(key)));
	}

	/**
	 * Compares on given keys.
	 * @param before the partitioner before
	 * @param after the partitioner after
	 * @param keys the keys; read once, in order, and not kept
	 * @return what moves
	 */
	public static MovementReport between(Partitioner<?> before, Partitioner<?> after, Stream<String> keys) {
		Counts counts = new Counts(before, after);
		keys.sequential().forEach(counts::add);
		return counts.report();
	}

	/**
	 * Returns the share of the keys that move.
	 * @return from 0 to 1
	 */
	public double movedShare() {
		return share(this.moved);
	}

	/**
	 * Returns the share of the keys that move though they needn't.
	 * @return from 0 to 1
	 */
	public double needlessShare() {
		return share(this.needless);
	}

	private double share(long count) {
		long placed = this.keys - this.unplaced;
		return (placed > 0) ? (double) count / placed : 0;
	}

	/**
	 * Keys that go from one node to another.
	 *
	 * @param from name of the node they leave
	 * @param to name of the node they reach
	 * @param keys how many
	 */
	public record Move(String from, String to, long keys) {

	}

	private static final class Counts {

		private final Partitioner<?> partitionerBefore;

		private final Partitioner<?> partitionerAfter;

		private final Set<String> losers = new HashSet<>();

		private final Set<String> winners = new HashSet<>();

		private final Map<String, Long> before = new TreeMap<>();

		private final Map<String, Long> after = new TreeMap<>();

		private final Map<String, Map<String, Long>> moves = new TreeMap<>();

		private long keys;

		private long unplaced;

		Counts(Partitioner<?> before, Partitioner<?> after) {
			this.partitionerBefore = before;
			this.partitionerAfter = after;
			Map<String, Double> fairBefore = fairShares(before);
			Map<String, Double> fairAfter = fairShares(after);
			fairBefore.forEach((name, share) -> compare(name, share, fairAfter.getOrDefault(name, 0.0)));
			fairAfter.forEach((name, share) -> compare(name, fairBefore.getOrDefault(name, 0.0), share));
			fairBefore.keySet().forEach((name) -> this.before.put(name, 0L));
			fairAfter.keySet().forEach((name) -> this.after.put(name, 0L));
		}

		private static Map<String, Double> fairShares(Partitioner<?> partitioner) {
			double sum = partitioner.nodes().stream().mapToLong(Node::weight).sum();
			Map<String, Double> shares = new TreeMap<>();
			partitioner.nodes().forEach((node) -> shares.put(node.name(), (sum > 0) ? node.weight() / sum : 0.0));
			return shares;
		}

		private void compare(String name, double shareBefore, double shareAfter) {
			if (shareBefore > shareAfter) {
				this.losers.add(name);
			}
			else if (shareBefore < shareAfter) {
				this.winners.add(name);
			}
		}

		void add(String key) {
			this.keys++;
			String from;
			String to;
			try {
				from = this.partitionerBefore.nodeFor(key).name();
				to = this.partitionerAfter.nodeFor(key).name();
			}
			catch (NoNodeException ex) {
				this.unplaced++;
				return;
			}
			this.before.merge(from, 1L, Long::sum);
			this.after.merge(to, 1L, Long::sum);
			if (!from.equals(to)) {
				this.moves.computeIfAbsent(from, (name) -> new TreeMap<>()).merge(to, 1L, Long::sum);
			}
		}

		MovementReport report() {
			List<Move> sorted = this.moves.entrySet()
				.stream()
				.flatMap((entry) -> entry.getValue()
					.entrySet()
					.stream()
					.map((move) -> new Move(entry.getKey(), move.getKey(), move.getValue())))
				.sorted(Comparator.comparingLong(Move::keys).reversed())
				.toList();
			long moved = sorted.stream().mapToLong(Move::keys).sum();
			long needed = sorted.stream()
				.filter((move) -> this.losers.contains(move.from()) && this.winners.contains(move.to()))
				.mapToLong(Move::keys)
				.sum();
			return new MovementReport(this.keys, this.unplaced, moved, moved - needed, this.before, this.after, sorted);
		}

	}

}
