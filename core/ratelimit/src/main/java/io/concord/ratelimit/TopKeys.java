package io.concord.ratelimit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the keys that come most often, in a bounded place: Space-Saving (Metwally,
 * Agrawal, El Abbadi 2005). A key without a counter takes over that of the one with the
 * least, and its count. So no count is too small, and each is too large by what was taken
 * over at most, which is told. A key that has more than a share of 1/capacity of all is
 * always there. Thread-safe, by a lock that is held for a moment; a key that takes over
 * looks through all counters.
 */
final class TopKeys {

	/** So many counters for each key that is shown: those shown are mostly right then. */
	private static final int COUNTERS = 8;

	private final int shown;

	private final int capacity;

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<String, Counter> counters = new HashMap<>();

	/**
	 * Creates a sketch.
	 * @param shown how many keys it tells of; positive
	 */
	TopKeys(int shown) {
		this.shown = shown;
		this.capacity = COUNTERS * shown;
	}

	void add(String key) {
		this.lock.lock();
		try {
			Counter counter = this.counters.get(key);
			if (counter == null) {
				counter = new Counter();
				if (this.counters.size() >= this.capacity) {
					String least = least();
					Counter before = Objects.requireNonNull(this.counters.remove(least));
					counter.count = before.count;
					counter.over = before.count;
				}
				this.counters.put(key, counter);
			}
			counter.count++;
		}
		finally {
			this.lock.unlock();
		}
	}

	private String least() {
		String least = "";
		long fewest = Long.MAX_VALUE;
		for (Map.Entry<String, Counter> entry : this.counters.entrySet()) {
			if (entry.getValue().count < fewest) {
				fewest = entry.getValue().count;
				least = entry.getKey();
			}
		}
		return least;
	}

	/** Those with the largest counts, these first. */
	List<RefusedKey> top() {
		List<RefusedKey> all = new ArrayList<>();
		this.lock.lock();
		try {
			this.counters.forEach((key, counter) -> all.add(new RefusedKey(key, counter.count, counter.over)));
		}
		finally {
			this.lock.unlock();
		}
		all.sort(Comparator.comparingLong(RefusedKey::count).reversed().thenComparing(RefusedKey::key));
		return List.copyOf(all.subList(0, Math.min(this.shown, all.size())));
	}

	private static final class Counter {

		private long count;

		private long over;

	}

}
