package io.concord.idgen.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.lease.jdbc.JdbcDialect;
import io.concord.lease.jdbc.Statements;

/**
 * The statements that differ between databases: those that change a row and tell what it
 * holds then. Each is one autocommit statement, so it is done or not, and no other
 * process sees a half of it.
 */
enum IdDialect {

	/** The clock stands still within a statement. */
	H2 {

		@Override
		String millis(JdbcDialect dialect) {
			return "(" + dialect.now() + " / 1000)";
		}

		@Override
		@Nullable Long next(Statements statements, String name, long size, long base) throws SQLException {
			return statements.first("""
					SELECT last_id FROM FINAL TABLE (
					MERGE INTO ${counter} t
					USING (SELECT CAST(? AS VARCHAR(200)) res, CAST(? AS BIGINT) wanted, CAST(? AS BIGINT) base) s
					ON t.res = s.res
					WHEN MATCHED AND GREATEST(t.last_id, s.base) <= 9223372036854775807 - s.wanted THEN UPDATE SET
					  last_id = GREATEST(t.last_id, s.base) + s.wanted
					WHEN NOT MATCHED THEN INSERT (res, last_id) VALUES (s.res, s.base + s.wanted))
					""", (row) -> row.getLong(1), name, size, base);
		}

		@Override
		@Nullable Mark extend(Statements statements, Object[] row, long lead) throws SQLException {
			return statements.first("SELECT high_ms, ${now} FROM FINAL TABLE (UPDATE ${worker}"
					+ " SET high_ms = GREATEST(high_ms, ${now} + ?) WHERE" + ROW + ")", MARK, with(row, lead));
		}

	},

	/** The clock goes on within a statement, so it is read once. */
	POSTGRESQL {

		@Override
		String millis(JdbcDialect dialect) {
			return "(" + dialect.now() + " / 1000)";
		}

		@Override
		@Nullable Long next(Statements statements, String name, long size, long base) throws SQLException {
			return statements.first("""
					INSERT INTO ${counter} AS t (res, last_id) VALUES (?, ?)
					ON CONFLICT (res) DO UPDATE SET last_id = GREATEST(t.last_id, ?) + ?
					WHERE GREATEST(t.last_id, ?) <= 9223372036854775807 - ?
					RETURNING last_id
					""", (row) -> row.getLong(1), name, base + size, base, size, base, size);
		}

		@Override
		@Nullable Mark extend(Statements statements, Object[] row, long lead) throws SQLException {
			return statements.first("UPDATE ${worker} SET high_ms = GREATEST(high_ms, s.at + s.lead)"
					+ " FROM (SELECT ${now} AS at, CAST(? AS BIGINT) AS lead) s WHERE" + ROW
					+ " RETURNING high_ms, s.at", MARK, with(row, lead));
		}

	},

	/**
	 * The clock stands still within a statement, and its one number of an answer is
	 * {@code LAST_INSERT_ID}. The time is enough if the mark is that time + lead;
	 * otherwise the row is read.
	 */
	INNODB {

		@Override
		String millis(JdbcDialect dialect) {
			return "(" + dialect.now() + " DIV 1000)";
		}

		@Override
		@Nullable Long next(Statements statements, String name, long size, long base) throws SQLException {
			return statements.key("""
					INSERT INTO ${counter} (res, last_id) VALUES (?, LAST_INSERT_ID(?))
					ON DUPLICATE KEY UPDATE last_id = IF(GREATEST(last_id, ?) <= 9223372036854775807 - ?,
					  LAST_INSERT_ID(GREATEST(last_id, ?) + ?), last_id + LAST_INSERT_ID(0))
					""", name, base + size, base, size, base, size);
		}

		@Override
		@Nullable Mark extend(Statements statements, Object[] row, long lead) throws SQLException {
			Long now = statements.key(
					"UPDATE ${worker} SET high_ms = IF(high_ms > ${now} + ?,"
							+ " high_ms + LAST_INSERT_ID(0), LAST_INSERT_ID(${now}) + ?) WHERE" + ROW,
					with(row, lead, lead));
			return (now != null) ? new Mark(now + lead, now) : null;
		}

	};

	/** What a lease is known by. */
	static final String ROW = " res = ? AND worker_id = ? AND owner = ? AND epoch = ?";

	static final Statements.RowReader<Mark> MARK = (row) -> new Mark(row.getLong(1), row.getLong(2));

	static IdDialect of(JdbcDialect dialect) {
		return switch (dialect.id()) {
			case "h2" -> H2;
			case "postgresql" -> POSTGRESQL;
			default -> INNODB;
		};
	}

	/** The clock of the database as an expression: ms since 1970. */
	abstract String millis(JdbcDialect dialect);

	/**
	 * Takes the next numbers of a counter, {@code size} of them above {@code base}, which
	 * together are not beyond the last number there is.
	 * @return the last one; null if there are not so many left
	 */
	abstract @Nullable Long next(Statements statements, String name, long size, long base) throws SQLException;

	/**
	 * Moves a mark.
	 * @param row the parameters of {@link #ROW}
	 * @return the mark and the time; null if there is no such row, or the mark stays
	 * where it is: that is to be read then
	 */
	abstract @Nullable Mark extend(Statements statements, Object[] row, long lead) throws SQLException;

	private static Object[] with(Object[] row, long... before) {
		List<Object> parameters = new ArrayList<>();
		for (long parameter : before) {
			parameters.add(parameter);
		}
		parameters.addAll(List.of(row));
		return parameters.toArray();
	}

	/**
	 * A mark and the time at which it was told.
	 *
	 * @param highWater the mark, ms since 1970
	 * @param storeTime the clock of the database, ms since 1970
	 */
	record Mark(long highWater, long storeTime) {
	}

}
