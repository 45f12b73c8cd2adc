package io.concord.idgen.local;

import java.time.Duration;

import io.concord.idgen.SequenceStore;

/**
 * Counts in the memory of this JVM: for tests and development. Other processes don't see
 * it, and a restart begins anew. Thread-safe.
 */
public final class LocalSequenceStore implements SequenceStore {

	private final LocalSegmentStore counters = new LocalSegmentStore();

	@Override
	public String describe() {
		return this.counters.describe();
	}

	@Override
	public String kind() {
		return this.counters.kind();
	}

	@Override
	public long next(String name, long least, Duration timeout) {
		return this.counters.next(name, 1, least, timeout).first();
	}

	@Override
	public void close() {
	}

}
