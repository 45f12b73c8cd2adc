package io.concord.idgen.redis;

import java.time.Duration;

import io.concord.idgen.SequenceStore;

/**
 * Takes ids one by one from the counter that {@link RedisSegmentStore} has, so to go over
 * from the one to the other repeats no id. Thread-safe.
 */
final class RedisSequenceStore implements SequenceStore {

	private final RedisSegmentStore counters;

	RedisSequenceStore(RedisIdKeys keys) {
		this.counters = new RedisSegmentStore(keys);
	}

	@Override
	public String describe() {
		return this.counters.describe();
	}

	@Override
	public long next(String name, long least, Duration timeout) {
		return this.counters.next(name, 1, least, timeout).first();
	}

	@Override
	public void close() {
		this.counters.close();
	}

}
