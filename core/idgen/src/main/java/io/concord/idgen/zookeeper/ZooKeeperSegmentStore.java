package io.concord.idgen.zookeeper;

import java.time.Duration;

import io.concord.idgen.IdRange;
import io.concord.idgen.SegmentStore;
import io.concord.lease.zookeeper.ZooKeeperCalls;

/**
 * Takes ranges from a counter: one write, and two reads and a write more for each time
 * that another process was faster. See {@link Counters}. Thread-safe.
 */
final class ZooKeeperSegmentStore implements SegmentStore {

	private final Counters counters;

	ZooKeeperSegmentStore(ZooKeeperCalls calls) {
		this.counters = new Counters(calls);
	}

	@Override
	public String describe() {
		return this.counters.describe();
	}

	@Override
	public IdRange next(String name, long size, long least, Duration timeout) {
		long last = this.counters.next(name, size, least, timeout);
		return new IdRange(last - size + 1, last);
	}

	@Override
	public void close() {
		this.counters.close();
	}

}
