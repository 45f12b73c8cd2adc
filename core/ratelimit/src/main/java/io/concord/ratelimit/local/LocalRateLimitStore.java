package io.concord.ratelimit.local;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateModel;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateSpec;
import io.concord.ratelimit.RateVerdict;

/**
 * Keeps rate limits in the memory of this JVM. Other processes don't see it, and a
 * restart begins anew. A bounded number of keys: if it is exceeded and none of them says
 * nothing any more, some are forgotten, and begin anew.
 *
 * <p>
 * Thread-safe without a lock on the way of a decision: the state of a key is an immutable
 * value, which is replaced by compare-and-set. A cell that has been removed from the map
 * is marked, so that nobody counts in it any more.
 */
public final class LocalRateLimitStore implements RateLimitStore {

	/** Default of the greatest number of keys. */
	public static final int DEFAULT_MAX_KEYS = 100_000;

	private static final Kept REMOVED = new Kept(null, Long.MIN_VALUE);

	private static final Kept NOTHING = new Kept(null, Long.MIN_VALUE);

	private final Map<Name, Cell> cells = new ConcurrentHashMap<>();

	private final ReentrantLock purging = new ReentrantLock();

	private final int maxKeys;

	private final LongSupplier micros;

	/**
	 * Creates a store.
	 * @param maxKeys the greatest number of keys; positive
	 */
	public LocalRateLimitStore(int maxKeys) {
		this(maxKeys, monotonicMicros(System::nanoTime, System::currentTimeMillis));
	}

	/**
	 * Creates a store on another clock, for tests.
	 * @param maxKeys as above
	 * @param micros the clock, µs since 1970
	 */
	LocalRateLimitStore(int maxKeys, LongSupplier micros) {
		if (maxKeys < 1) {
			throw new IllegalArgumentException("The greatest number of keys must be positive, not " + maxKeys);
		}
		this.maxKeys = maxKeys;
		this.micros = micros;
	}

	/**
	 * Nobody else goes by this clock, so it needn't follow the steps of the machine's.
	 */
	private static LongSupplier monotonicMicros(LongSupplier nanos, LongSupplier millis) {
		long offset = millis.getAsLong() * 1_000 - nanos.getAsLong() / 1_000;
		return () -> nanos.getAsLong() / 1_000 + offset;
	}

	@Override
	public String describe() {
		return "memory of this JVM";
	}

	@Override
	public String kind() {
		return "local";
	}

	@Override
	public boolean isLocal() {
		return true;
	}

	@Override
	public RateVerdict take(RateQuery query, Duration timeout) {
		Name resource = Name.of(query);
		while (true) {
			Cell cell = cell(resource);
			Kept kept = cell.kept;
			while (kept != REMOVED) {
				RateModel.Step step = RateModel.decide(query, kept.state(), now(query));
				if (step.next() == null || cell.replace(kept, new Kept(step.next(), step.end()))) {
					return step.verdict();
				}
				// Who goes on at once takes the cell from the cache of the one who
				// counts.
				LockSupport.parkNanos(1);
				kept = cell.kept;
			}
			this.cells.remove(resource, cell);
		}
	}

	private Cell cell(Name resource) {
		Cell cell = this.cells.get(resource);
		if (cell != null) {
			return cell;
		}
		if (this.cells.size() >= this.maxKeys) {
			purge();
		}
		return this.cells.computeIfAbsent(resource, (name) -> new Cell());
	}

	/** Removes what says nothing any more, or else a tenth, which ever it meets first. */
	private void purge() {
		if (!this.purging.tryLock()) {
			return;
		}
		try {
			long now = this.micros.getAsLong();
			int most = this.maxKeys - this.maxKeys / 10;
			removeEnded(now);
			Iterator<Map.Entry<Name, Cell>> entries = this.cells.entrySet().iterator();
			while (this.cells.size() > most && entries.hasNext()) {
				Map.Entry<Name, Cell> entry = entries.next();
				remove(entry.getKey(), entry.getValue());
			}
		}
		finally {
			this.purging.unlock();
		}
	}

	private void removeEnded(long now) {
		this.cells.forEach((name, cell) -> {
			Kept kept = cell.kept;
			// Somebody may count in it meanwhile.
			if (kept.end() <= now && cell.replace(kept, REMOVED)) {
				this.cells.remove(name, cell);
			}
		});
	}

	private void remove(Name name, Cell cell) {
		cell.kept = REMOVED;
		this.cells.remove(name, cell);
	}

	@Override
	public RateVerdict peek(RateQuery query, Duration timeout) {
		Cell cell = this.cells.get(Name.of(query));
		return RateModel.decide(query, (cell != null) ? cell.kept.state() : null, now(query)).verdict();
	}

	private long now(RateQuery query) {
		return (query.now() != RateQuery.STORE_TIME) ? query.now() : this.micros.getAsLong();
	}

	@Override
	public void reset(String rule, String key, Duration timeout) {
		for (RateSpec.Kind kind : RateSpec.Kind.values()) {
			Name resource = new Name(rule, kind, key);
			Cell cell = this.cells.get(resource);
			if (cell != null) {
				remove(resource, cell);
			}
		}
	}

	@Override
	public boolean sweep(Duration timeout) {
		removeEnded(this.micros.getAsLong());
		return false;
	}

	/** How many keys are kept. */
	int size() {
		return this.cells.size();
	}

	@Override
	public void close() {
		this.cells.clear();
	}

	/**
	 * Whose state it is.
	 *
	 * @param rule name of the rule
	 * @param kind what the numbers mean
	 * @param key the key
	 */
	private record Name(String rule, RateSpec.Kind kind, String key) {

		static Name of(RateQuery query) {
			return new Name(query.rule(), query.spec().kind(), query.key());
		}

		/** That of an enum is another in each JVM, and the rule is mostly the same. */
		@Override
		public int hashCode() {
			return 31 * this.key.hashCode() + this.rule.hashCode();
		}

	}

	/** The place of a key. */
	private static final class Cell {

		private static final AtomicReferenceFieldUpdater<Cell, Kept> KEPT = AtomicReferenceFieldUpdater
			.newUpdater(Cell.class, Kept.class, "kept");

		private volatile Kept kept = NOTHING;

		boolean replace(Kept before, Kept next) {
			return KEPT.compareAndSet(this, before, next);
		}

	}

	/** What is kept of a key. Told apart by identity, as it is replaced by it. */
	@SuppressWarnings("ArrayRecordComponent")
	private record Kept(long @Nullable [] state, long end) {
	}

}
