package io.concord.idgen.jdbc;

import java.time.Duration;

import io.concord.idgen.SequenceStore;

/**
 * Takes ids one by one from the counter that {@link JdbcSegmentStore} has, so to go over
 * from the one to the other repeats no id. A counter is a row and no sequence of the
 * database: those need a DDL statement for each name, can't skip to a least number in one
 * step, and MySQL has none. Ids rise in the order of the commits. Thread-safe.
 */
final class JdbcSequenceStore implements SequenceStore {

	private final JdbcSegmentStore counters;

	JdbcSequenceStore(JdbcIdTables tables) {
		this.counters = new JdbcSegmentStore(tables);
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
