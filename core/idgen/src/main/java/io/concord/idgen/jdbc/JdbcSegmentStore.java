package io.concord.idgen.jdbc;

import java.time.Duration;

import io.concord.idgen.IdRange;
import io.concord.idgen.IdsExhaustedException;
import io.concord.idgen.SegmentStore;
import io.concord.lease.jdbc.JdbcCalls;

/**
 * Takes ranges from a counter in a table: one autocommit statement that raises it and
 * tells the number, whatever the size. So ranges are given in the order of the commits,
 * and a transaction of the caller that is rolled back gives none back.
 *
 * <p>
 * What it rests on: the database keeps what it has committed; on an H2 file that takes
 * {@code WRITE_DELAY=0}. After a fail-over to a replica that missed the last commits,
 * ranges can be given twice. Thread-safe.
 */
final class JdbcSegmentStore implements SegmentStore {

	private final JdbcIdTables tables;

	private final JdbcCalls calls;

	JdbcSegmentStore(JdbcIdTables tables) {
		this.tables = tables;
		this.calls = tables.calls("jdbc-ids");
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public IdRange next(String name, long size, long least, Duration timeout) {
		long base = least - 1;
		// Zero is no id.
		long last = (base <= Long.MAX_VALUE - size) ? this.calls.call(timeout, (statements) -> {
			Long taken = this.tables.dialect().next(statements, this.tables.key(name), size, base);
			return (taken != null) ? taken : 0L;
		}) : 0;
		if (last == 0) {
			throw new IdsExhaustedException("The counter '" + name + "' in " + describe() + " has no " + size
					+ " numbers left from " + least + " on");
		}
		return new IdRange(last - size + 1, last);
	}

	@Override
	public void close() {
		this.calls.close();
	}

}
