package io.concord.ratelimit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Remembers what the store has refused, so that the same need not be asked before it may
 * be admitted. What others take only puts that off, and the time is counted from before
 * the question, so nobody is refused here whom the store would have admitted, but for a
 * reset in another process: hence the bound. Thread-safe.
 */
final class Refusals {

	private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final int MOST = 50_000;

	private final Map<Key, Refusal> refusals = new ConcurrentHashMap<>();

	private final LongSupplier nanoTime;

	private final Purges purges;

	Refusals(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
		this.purges = new Purges(nanoTime);
	}

	/** The answer that is already known. */
	@Nullable RateVerdict find(RateQuery query) {
		if (this.refusals.isEmpty()) {
			return null;
		}
		Key key = new Key(query.rule(), query.key());
		Refusal refusal = this.refusals.get(key);
		if (refusal == null) {
			return null;
		}
		long now = this.nanoTime.getAsLong();
		if (now - refusal.forgotten() >= 0) {
			this.refusals.remove(key, refusal);
			return null;
		}
		boolean covered = query.spec().equals(refusal.spec()) && query.permits() >= refusal.permits()
				&& query.maxWait() <= refusal.maxWait();
		return covered ? new RateVerdict(0, Math.max(1, (refusal.until() - now) / 1_000), 0) : null;
	}

	/**
	 * Remembers a refusal.
	 * @param asked when the store was asked, by the clock
	 */
	void add(RateQuery query, RateVerdict refused, long asked) {
		if (this.refusals.size() >= MOST && this.purges.isTime()) {
			purge();
		}
		if (this.refusals.size() < MOST) {
			long wait = TimeUnit.MICROSECONDS.toNanos(refused.waitMicros());
			this.refusals.put(new Key(query.rule(), query.key()), new Refusal(query.spec(), query.permits(),
					query.maxWait(), asked + wait, asked + Math.min(wait, LONGEST_NANOS)));
		}
	}

	private void purge() {
		long now = this.nanoTime.getAsLong();
		this.refusals.values().removeIf((refusal) -> now - refusal.forgotten() >= 0);
	}

	void forget(String rule, String key) {
		this.refusals.remove(new Key(rule, key));
	}

	/**
	 * Who was refused.
	 *
	 * @param rule name of the rule
	 * @param key the key
	 */
	private record Key(String rule, String key) {
	}

	/**
	 * What was refused.
	 *
	 * @param spec the limit as it was
	 * @param permits this many and more
	 * @param maxWait with this time to wait and less
	 * @param until when it may be admitted
	 * @param forgotten when the store is asked again, not after {@code until}
	 */
	private record Refusal(RateSpec spec, long permits, long maxWait, long until, long forgotten) {
	}

}
