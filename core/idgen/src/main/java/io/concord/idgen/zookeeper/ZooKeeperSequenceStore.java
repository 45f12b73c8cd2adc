package io.concord.idgen.zookeeper;

import java.time.Duration;

import io.concord.idgen.SequenceStore;
import io.concord.lease.zookeeper.ZooKeeperCalls;

/**
 * Takes ids one by one: one write an id, with no other try however many do so at the same
 * time. See {@link Counters}; the number of a sequential node has 31 bits, can't begin
 * anywhere and leaves a node to delete. Thread-safe.
 */
final class ZooKeeperSequenceStore implements SequenceStore {

	private final Counters counters;

	ZooKeeperSequenceStore(ZooKeeperCalls calls) {
		this.counters = new Counters(calls);
	}

	@Override
	public String describe() {
		return this.counters.describe();
	}

	@Override
	public long next(String name, long least, Duration timeout) {
		return this.counters.next(name, least, timeout);
	}

	@Override
	public void close() {
		this.counters.close();
	}

}
