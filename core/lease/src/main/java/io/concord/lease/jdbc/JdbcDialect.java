package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * What differs between databases: the statement that claims, the clock, and which errors
 * pass by themselves.
 */
enum JdbcDialect {

	/** H2 from version 2.2 on. */
	H2("h2", "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT)") {

		@Override
		String claim() {
			return """
					SELECT token FROM FINAL TABLE (
					MERGE INTO ${lease} t
					USING (SELECT CAST(? AS VARCHAR(200)) res, CAST(? AS VARCHAR(64)) owner, CAST(? AS BIGINT) ttl) s
					ON t.res = s.res
					WHEN MATCHED AND ((t.owner = s.owner AND t.until_us > ${now})
					  OR (t.waiters = 0 AND (t.owner IS NULL OR t.until_us <= ${now}))) THEN UPDATE SET
					  token = CASE WHEN t.owner = s.owner AND t.until_us > ${now} THEN t.token
					    ELSE GREATEST(t.token + 1, ${now}) END,
					  owner = s.owner, until_us = ${now} + s.ttl, touched_us = ${now}
					WHEN NOT MATCHED THEN INSERT (res, owner, token, until_us, waiters, tail, touched_us)
					  VALUES (s.res, s.owner, GREATEST(${floor} + 1, ${now}), ${now} + s.ttl, 0, 0, ${now}))
					""";
		}

		@Override
		String renew() {
			return "SELECT token FROM FINAL TABLE (UPDATE ${lease} SET until_us = ${now} + ?, touched_us = ${now}"
					+ " WHERE res = ? AND owner = ? AND until_us > ${now})";
		}

	};

	/**
	 * SQL states of conflicts that a second try solves: serialization failure, deadlock,
	 * lock time-out, a row that another has just inserted or changed.
	 */
	private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "HYT00", "23505", "23000", "90131");

	private final String id;

	private final String now;

	JdbcDialect(String id, String now) {
		this.id = id;
		this.now = now;
	}

	/**
	 * Finds the dialect of a database.
	 * @throws IllegalArgumentException if it is none that is known
	 */
	static JdbcDialect of(Connection connection) throws SQLException {
		String product = connection.getMetaData().getDatabaseProductName();
		for (JdbcDialect dialect : values()) {
			if (product.toLowerCase(Locale.ROOT).startsWith(dialect.id)) {
				return dialect;
			}
		}
		throw new IllegalArgumentException("Leases can't be kept in a database of the kind '" + product
				+ "'. This version of Concord knows: " + String.join(", ", names())
				+ ". Use one of them through another DataSource, or another backend.");
	}

	String id() {
		return this.id;
	}

	/** The database's clock in µs since 1970 UTC. */
	String now() {
		return this.now;
	}

	/**
	 * One autocommit statement that claims a name if nobody waits for it. Parameters:
	 * name, owner, TTL in µs. Its result is a row with the token, or none.
	 */
	abstract String claim();

	/**
	 * One autocommit statement that renews a lease. Parameters: TTL in µs, name, owner.
	 * Its result is a row with the token, or none.
	 */
	abstract String renew();

	boolean isConflict(SQLException ex) {
		return CONFLICTS.contains(String.valueOf(ex.getSQLState()));
	}

	/**
	 * Whether the database says that it has not done what it was asked: a conflict, or
	 * data, a statement, a right or a table that is wrong. Whatever else fails may have
	 * been done.
	 */
	boolean isRefusal(SQLException ex) {
		String state = String.valueOf(ex.getSQLState());
		return isConflict(ex) || state.startsWith("22") || state.startsWith("23") || state.startsWith("42");
	}

	private static String[] names() {
		return Arrays.stream(values()).map(Enum::name).toArray(String[]::new);
	}

}
