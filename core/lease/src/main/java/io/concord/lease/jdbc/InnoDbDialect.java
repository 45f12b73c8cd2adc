package io.concord.lease.jdbc;

import java.sql.SQLException;
import java.util.Set;

/**
 * MariaDB and MySQL, with tables of InnoDB.
 *
 * <p>
 * They assign from left to right, and what comes later sees the new values: first the
 * token is set, by the old owner and the old end; then the owner, by the old end; at last
 * the end, if the owner is ours now and was so before or nobody waits. The token is the
 * statement's {@code LAST_INSERT_ID}, which comes with its answer. To select it
 * afterwards would take one statement more, and could see a later offer.
 *
 * <p>
 * At REPEATABLE READ, a claim holds a shared lock on the row of the floor while it runs.
 * So that row must always be there: without it the claim would lock the gap, and claims
 * of new names would run into deadlocks.
 */
final class InnoDbDialect extends JdbcDialect {

	private static final int LOCK_WAIT_TIMEOUT = 1205;

	private static final int DEADLOCK = 1213;

	private static final int RECORD_HAS_CHANGED = 1020;

	private static final int DUPLICATE_KEY = 1062;

	private static final int QUERY_INTERRUPTED = 1317;

	private static final int STATEMENT_TIMEOUT_ON_MARIADB = 1969;

	private static final int STATEMENT_TIMEOUT_ON_MYSQL = 3024;

	private static final int SERVER_IS_READ_ONLY = 1290;

	private static final int TRANSACTION_IS_READ_ONLY = 1792;

	private static final Set<Integer> CONFLICTS = Set.of(LOCK_WAIT_TIMEOUT, DEADLOCK, RECORD_HAS_CHANGED,
			DUPLICATE_KEY);

	private static final Set<Integer> REFUSALS = Set.of(QUERY_INTERRUPTED, STATEMENT_TIMEOUT_ON_MARIADB,
			STATEMENT_TIMEOUT_ON_MYSQL, SERVER_IS_READ_ONLY, TRANSACTION_IS_READ_ONLY);

	private InnoDbDialect(String product, int major, int minor) {
		// The time at which the statement began.
		super(product, major, minor, "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))");
	}

	static InnoDbDialect mariaDb() {
		return new InnoDbDialect("MariaDB", 10, 5);
	}

	static InnoDbDialect mySql() {
		return new InnoDbDialect("MySQL", 8, 0);
	}

	@Override
	String claim() {
		return """
				INSERT INTO ${lease} (res, owner, token, until_us, waiters, tail, touched_us)
				VALUES (?, ?, LAST_INSERT_ID(GREATEST(${floor} + 1, ${now}, %1$s)), ${now} + ?, 0, 0, ${now})
				ON DUPLICATE KEY UPDATE
				  token = IF(owner = ? AND until_us > ${now}, LAST_INSERT_ID(GREATEST(token, %1$s)),
				    IF(waiters = 0 AND (owner IS NULL OR until_us <= ${now}),
				      LAST_INSERT_ID(GREATEST(token + 1, ${now}, %1$s)), token + LAST_INSERT_ID(0))),
				  owner = IF(waiters = 0 AND (owner IS NULL OR until_us <= ${now}), ?, owner),
				  touched_us = IF(owner = ? AND (until_us > ${now} OR waiters = 0), ${now}, touched_us),
				  until_us = IF(owner = ? AND (until_us > ${now} OR waiters = 0), ${now} + ?, until_us)
				""".formatted(least("?", "${now}"));
	}

	@Override
	Object[] claimParameters(String name, String owner, long ttl, long floor) {
		return new Object[] { name, owner, floor, ttl, owner, floor, floor, owner, owner, owner, ttl };
	}

	@Override
	String renew() {
		return "UPDATE ${lease} SET until_us = ${now} + ?, touched_us = ${now}, token = LAST_INSERT_ID(GREATEST(token, "
				+ least("?", "${now}") + "))" + " WHERE res = ? AND owner = ? AND until_us > ${now}";
	}

	@Override
	boolean isTokenKey() {
		return true;
	}

	/** As a table of its own, for an insert must not read what it writes to. */
	@Override
	String floor(String table, String row) {
		return "COALESCE((SELECT g.token FROM (SELECT MAX(f.token) AS token FROM " + table + " f WHERE f.res = '" + row
				+ "') g), 0)";
	}

	@Override
	String unlessPresent() {
		return " ON DUPLICATE KEY UPDATE token = token";
	}

	@Override
	boolean isConflict(SQLException ex) {
		return state(ex).equals("40001") || CONFLICTS.contains(ex.getErrorCode());
	}

	@Override
	boolean isRefusal(SQLException ex) {
		return super.isRefusal(ex) || REFUSALS.contains(ex.getErrorCode());
	}

}
