package io.concord.idgen.local;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.concord.idgen.IdRange;
import io.concord.idgen.IdsExhaustedException;
import io.concord.idgen.SegmentStore;

/**
 * Counts in the memory of this JVM: for tests and development. Other processes don't see
 * it, and a restart begins anew. Thread-safe.
 */
public final class LocalSegmentStore implements SegmentStore {

	/** The last id that was taken. */
	private final Map<String, Long> counters = new ConcurrentHashMap<>();

	@Override
	public String describe() {
		return "memory of this JVM";
	}

	@Override
	public String kind() {
		return "local";
	}

	@Override
	public IdRange next(String name, long size, long least, Duration timeout) {
		long last = this.counters.compute(name, (key, taken) -> {
			long before = Math.max((taken != null) ? taken : 0, least - 1);
			if (before > Long.MAX_VALUE - size) {
				throw new IdsExhaustedException("The counter '" + name + "' has run out at " + before);
			}
			return before + size;
		});
		return new IdRange(last - size + 1, last);
	}

	@Override
	public void close() {
	}

}
