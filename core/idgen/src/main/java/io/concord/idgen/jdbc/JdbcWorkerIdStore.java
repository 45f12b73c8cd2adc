package io.concord.idgen.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdHolder;
import io.concord.idgen.WorkerIdLease;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.jdbc.IdDialect.Mark;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.jdbc.JdbcCalls;
import io.concord.lease.jdbc.Statements;

/**
 * Keeps worker ids in a table, a row for each that was ever taken.
 *
 * <p>
 * Who owns what: the row of a space in the table of layouts is locked by whoever claims,
 * in one short transaction, so claims of a space come one after the other and none has to
 * be repeated, however many start at once. Extensions and releases don't wait for that
 * lock: each is one conditional autocommit statement on the row of its worker id. A claim
 * that takes a row over does so by a condition, too, so of a claim and an extension that
 * meet there, the one that comes second sees what the first has done.
 *
 * <p>
 * Time is that of the database; a claim reads it in its transaction and writes it some
 * statements later, which makes the mark no later than it may be. A claim of an id that
 * was never taken costs 3 statements and a commit, of another 5; an extension and a
 * release cost one statement.
 *
 * <p>
 * What it rests on: the database keeps what it has committed; on an H2 file that takes
 * {@code WRITE_DELAY=0}. After a fail-over to a replica that missed the last commits, a
 * mark can be lower than one that was told: use synchronous replication. Thread-safe.
 */
final class JdbcWorkerIdStore implements WorkerIdStore {

	private static final String FREE = "(owner IS NULL OR high_ms < ?)";

	private final JdbcIdTables tables;

	private final JdbcCalls calls;

	/** Those of holders, which must not wait for threads behind claims that are stuck. */
	private final JdbcCalls extensions;

	JdbcWorkerIdStore(JdbcIdTables tables) {
		this.tables = tables;
		this.calls = tables.calls("jdbc-worker-ids");
		this.extensions = tables.calls("jdbc-worker-id-extensions");
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public WorkerIdAnswer claim(WorkerIdClaim claim, Duration timeout) {
		String space = this.tables.key(claim.space());
		return this.calls.call(timeout,
				(statements) -> this.calls.transaction(statements, () -> claim(statements, space, claim)));
	}

	private WorkerIdAnswer claim(Statements statements, String space, WorkerIdClaim claim) throws SQLException {
		String layout = lockedLayout(statements, space);
		if (layout == null) {
			statements.update("INSERT INTO ${layout} (res, layout) VALUES (?, ?)" + this.tables.unlessPresent(), space,
					claim.layout());
			layout = lockedLayout(statements, space);
		}
		if (!claim.layout().equals(layout)) {
			return new WorkerIdAnswer.LayoutDiffers(String.valueOf(layout));
		}
		// Under the lock nobody else takes one.
		Look look = statements.first(
				"SELECT (SELECT o.worker_id FROM ${worker} o WHERE o.res = ? AND o.owner = ?), COUNT(*),"
						+ " MAX(w.worker_id), ${now} FROM ${worker} w WHERE w.res = ? AND w.worker_id >= ?"
						+ " AND w.worker_id <= ?",
				(row) -> new Look(row.getObject(1, Integer.class), row.getInt(2), row.getInt(3), row.getLong(4)), space,
				claim.owner(), space, claim.first(), claim.last());
		if (look == null) {
			throw new LeaseStoreException(describe() + " does not tell its time");
		}
		long mark = look.now() + claim.lead().toMillis();
		Integer own = look.own();
		if (own != null) {
			statements.update("UPDATE ${worker} SET high_ms = GREATEST(high_ms, ?) WHERE res = ? AND worker_id = ?",
					mark, space, own);
			return granted(statements, space, claim, own, look.now());
		}
		Integer untaken = untaken(statements, space, claim, look);
		if (untaken != null) {
			statements.update(
					"INSERT INTO ${worker} (res, worker_id, owner, holder, epoch, floor_ms, high_ms)"
							+ " VALUES (?, ?, ?, ?, 1, 0, ?)",
					space, untaken, claim.owner(), printable(claim.holder()), mark);
			return new WorkerIdAnswer.Granted(new WorkerIdLease(claim.space(), untaken, claim.owner(), 1), 0, mark,
					look.now());
		}
		while (true) {
			Integer free = statements.first(
					"SELECT worker_id FROM ${worker} WHERE res = ? AND worker_id >= ? AND worker_id <= ? AND " + FREE
							+ " ORDER BY high_ms, worker_id LIMIT 1",
					(row) -> row.getInt(1), space, claim.first(), claim.last(), look.now());
			if (free == null) {
				return new WorkerIdAnswer.Full(holders(statements, space, claim.first(), claim.last()));
			}
			// MySQL and MariaDB assign from left to right: the floor first.
			int taken = statements.update(
					"UPDATE ${worker} SET floor_ms = high_ms, high_ms = GREATEST(high_ms, ?), epoch = epoch + 1,"
							+ " owner = ?, holder = ? WHERE res = ? AND worker_id = ? AND " + FREE,
					mark, claim.owner(), printable(claim.holder()), space, free, look.now());
			if (taken > 0) {
				return granted(statements, space, claim, free, look.now());
			}
			// Its holder has extended it in between.
		}
	}

	/**
	 * Finds the lowest that was never taken and so has no row. Mostly those taken are the
	 * first of the range; they are not if ranges overlap.
	 */
	private static @Nullable Integer untaken(Statements statements, String space, WorkerIdClaim claim, Look look)
			throws SQLException {
		if (look.taken() == 0) {
			return claim.first();
		}
		if (look.taken() > claim.last() - claim.first()) {
			return null;
		}
		if (look.highest() - claim.first() < look.taken()) {
			return look.highest() + 1;
		}
		return statements.first(
				"SELECT MIN(c.id) FROM (SELECT CAST(? AS ${integer}) AS id UNION ALL SELECT w.worker_id + 1"
						+ " FROM ${worker} w WHERE w.res = ? AND w.worker_id >= ? AND w.worker_id < ?) c"
						+ " WHERE NOT EXISTS (SELECT 1 FROM ${worker} n WHERE n.res = ? AND n.worker_id = c.id)",
				(row) -> row.getInt(1), claim.first(), space, claim.first(), claim.last(), space);
	}

	private static @Nullable String lockedLayout(Statements statements, String space) throws SQLException {
		return statements.first("SELECT layout FROM ${layout} WHERE res = ? FOR UPDATE", (row) -> row.getString(1),
				space);
	}

	private WorkerIdAnswer granted(Statements statements, String space, WorkerIdClaim claim, int workerId, long now)
			throws SQLException {
		WorkerIdAnswer granted = statements.first(
				"SELECT epoch, floor_ms, high_ms FROM ${worker} WHERE res = ? AND worker_id = ?",
				(row) -> new WorkerIdAnswer.Granted(
						new WorkerIdLease(claim.space(), workerId, claim.owner(), row.getLong(1)), row.getLong(2),
						row.getLong(3), now),
				space, workerId);
		if (granted == null) {
			throw new LeaseStoreException(
					"The row of worker id " + workerId + " has gone from " + describe() + " under a claim");
		}
		return granted;
	}

	@Override
	public WorkerIdExtension extend(WorkerIdLease lease, Duration lead, Duration timeout) {
		return this.extensions.call(timeout, (statements) -> {
			Mark mark = this.tables.dialect().extend(statements, row(lease), lead.toMillis());
			return (mark != null) ? new WorkerIdExtension.Extended(mark.highWater(), mark.storeTime())
					: read(statements, lease);
		});
	}

	/** Tells who has it, or the mark of one that stays where it is. */
	private WorkerIdExtension read(Statements statements, WorkerIdLease lease) throws SQLException {
		WorkerIdExtension read = statements.first(
				"SELECT owner, epoch, holder, high_ms, ${now} FROM ${worker} WHERE res = ? AND worker_id = ?",
				(row) -> (lease.owner().equals(row.getString(1)) && lease.epoch() == row.getLong(2))
						? new WorkerIdExtension.Extended(row.getLong(4), row.getLong(5))
						: new WorkerIdExtension.Lost(row.getString(3)),
				this.tables.key(lease.space()), lease.workerId());
		return (read != null) ? read : new WorkerIdExtension.Lost(null);
	}

	@Override
	public boolean release(WorkerIdLease lease, long highWater, Duration timeout) {
		Object[] row = row(lease);
		return this.extensions.call(timeout, (statements) -> statements.update(
				"UPDATE ${worker} SET owner = NULL, holder = NULL, high_ms = LEAST(high_ms, ?) WHERE" + IdDialect.ROW,
				highWater, row[0], row[1], row[2], row[3])) > 0;
	}

	@Override
	public List<WorkerIdHolder> holders(String space, Duration timeout) {
		return this.calls.call(timeout,
				(statements) -> holders(statements, this.tables.key(space), 0, Integer.MAX_VALUE));
	}

	private static List<WorkerIdHolder> holders(Statements statements, String space, int first, int last)
			throws SQLException {
		return statements.all(
				"SELECT worker_id, holder, high_ms FROM ${worker} WHERE res = ? AND worker_id >= ? AND worker_id <= ?"
						+ " AND owner IS NOT NULL AND high_ms >= ${now} ORDER BY worker_id",
				(row) -> new WorkerIdHolder(row.getInt(1), String.valueOf(row.getString(2)),
						Instant.ofEpochMilli(row.getLong(3))),
				space, first, last);
	}

	@Override
	public long now(Duration timeout) {
		return this.calls.call(timeout, (statements) -> {
			Long now = statements.first("SELECT ${now}", (row) -> row.getLong(1));
			if (now == null) {
				throw new LeaseStoreException(describe() + " does not tell its time");
			}
			return now;
		});
	}

	@Override
	public void close() {
		this.calls.close();
		this.extensions.close();
	}

	private Object[] row(WorkerIdLease lease) {
		return new Object[] { this.tables.key(lease.space()), lease.workerId(), lease.owner(), lease.epoch() };
	}

	/** PostgreSQL has no character 0. */
	private static String printable(String holder) {
		return holder.replaceAll("\\p{Cntrl}", " ");
	}

	/**
	 * What a claim finds.
	 *
	 * @param own the worker id that the owner has
	 * @param taken how many of the range were ever taken
	 * @param highest the highest of them, if there are any
	 * @param now the time, ms since 1970
	 */
	private record Look(@Nullable Integer own, int taken, int highest, long now) {
	}

}
