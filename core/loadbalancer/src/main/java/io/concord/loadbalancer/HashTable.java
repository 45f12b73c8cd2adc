package io.concord.loadbalancer;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

import io.concord.hashing.Loads;
import io.concord.hashing.Node;
import io.concord.hashing.Partitioner;
import io.concord.hashing.Partitioners;

/**
 * Which instance has which key. Immutable.
 *
 * @param <T> as in {@link Target}
 */
final class HashTable<T> {

	/** Weights are doubles here; tenths of them are whole enough. */
	private static final int PARTS = 10;

	private static final int MOST = 1_000_000;

	/** So that an instance of weight 1 has 160 points. */
	private static final int POINTS = 16;

	private static final int LONGEST_NAME = 200;

	private final HashSettings settings;

	private final List<Node<Target<T>>> nodes;

	private final Partitioner<Target<T>> partitioner;

	HashTable(HashSettings settings, List<Node<Target<T>>> nodes, AtomicLong inFlight) {
		this.settings = settings;
		this.nodes = nodes;
		Partitioner<Target<T>> plain = switch (settings.table()) {
			case RENDEZVOUS -> Partitioners.rendezvous(nodes);
			case RING -> Partitioners.ring(nodes, POINTS);
			case MAGLEV -> Partitioners.maglev(nodes);
		};
		this.partitioner = (settings.bound() > 0)
				? Partitioners.boundedLoad(plain, settings.bound(), new CallsInFlight<>(inFlight)) : plain;
	}

	static <T> List<Node<Target<T>>> nodes(List<Target<T>> targets) {
		return targets.stream().map((target) -> new Node<>(name(target), weight(target.weight()), target)).toList();
	}

	private static String name(Target<?> target) {
		return (target.id().length() <= LONGEST_NAME) ? target.id() : target.cookie();
	}

	/** Depends on the one weight only: nobody's keys move as others' weights change. */
	private static int weight(double weight) {
		return (int) Math.max(1, Math.min(MOST, Math.round(weight * PARTS)));
	}

	boolean isOf(HashSettings other, List<Node<Target<T>>> others) {
		return this.settings.equals(other) && this.nodes.equals(others);
	}

	@Nullable Target<T> choose(String key, Set<String> tried) {
		if (tried.isEmpty()) {
			return this.partitioner.nodeFor(key).value();
		}
		for (Node<Target<T>> node : this.partitioner.nodesFor(key, Math.min(this.nodes.size(), tried.size() + 1))) {
			if (!tried.contains(node.value().id())) {
				return node.value();
			}
		}
		return null;
	}

	/**
	 * The load by which bounds are kept.
	 *
	 * @param <T> as above
	 * @param all calls in flight at all instances
	 */
	private record CallsInFlight<T>(AtomicLong all) implements Loads<Target<T>> {

		@Override
		public long loadOf(Node<Target<T>> node) {
			return node.value().inFlight();
		}

		@Override
		public long total() {
			return this.all.get();
		}

	}

}
