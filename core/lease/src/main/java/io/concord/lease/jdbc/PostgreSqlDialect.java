package io.concord.lease.jdbc;

import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The clock is that of the moment: CURRENT_TIMESTAMP is the time at which the transaction
 * began. A statement that reads it several times gets several times, so the one that
 * claims reads it once and keeps it in the row that it proposes.
 */
final class PostgreSqlDialect extends JdbcDialect {

	/** The name of a channel takes 63 bytes. */
	private static final Pattern ENGINE = Pattern.compile("[A-Za-z0-9_-]{1,50}");

	/** The one before the last is that of a user's own lock_timeout. */
	private static final Set<String> CONFLICTS = Set.of("40001", "40P01", "55P03", "23505");

	private static final Set<String> MISSING = Set.of("42P01", "3F000");

	private static final String READ_ONLY = "25006";

	private static final String CANCELLED = "57014";

	PostgreSqlDialect() {
		super("PostgreSQL", 12, 0, "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)");
	}

	@Override
	String claim() {
		return """
				INSERT INTO ${lease} AS t (res, owner, token, until_us, waiters, tail, touched_us)
				SELECT s.res, s.owner, GREATEST(${floor} + 1, s.at, %1$s), s.at + s.ttl, 0, 0, s.at
				FROM (SELECT CAST(? AS VARCHAR) AS res, CAST(? AS VARCHAR) AS owner, CAST(? AS BIGINT) AS ttl,
				  CAST(? AS BIGINT) AS seen, ${now} AS at) s
				ON CONFLICT (res) DO UPDATE SET
				  token = CASE WHEN t.owner = EXCLUDED.owner AND t.until_us > EXCLUDED.touched_us THEN GREATEST(t.token, %2$s)
				    ELSE GREATEST(t.token + 1, EXCLUDED.touched_us, %2$s) END,
				  owner = EXCLUDED.owner, until_us = EXCLUDED.until_us, touched_us = EXCLUDED.touched_us
				WHERE (t.owner = EXCLUDED.owner AND t.until_us > EXCLUDED.touched_us)
				  OR (t.waiters = 0 AND (t.owner IS NULL OR t.until_us <= EXCLUDED.touched_us))
				RETURNING token
				"""
			.formatted(least("s.seen", "s.at"), least("CAST(? AS BIGINT)", "EXCLUDED.touched_us"));
	}

	/** What was proposed is seen in case of a conflict, what it was made from is not. */
	@Override
	Object[] claimParameters(String name, String owner, long ttl, long floor) {
		return new Object[] { name, owner, ttl, floor, floor, floor };
	}

	@Override
	String renew() {
		return "UPDATE ${lease} SET until_us = ${now} + ?, touched_us = ${now}," + " token = GREATEST(token, "
				+ least("CAST(? AS BIGINT)", "${now}") + ")"
				+ " WHERE res = ? AND owner = ? AND until_us > ${now} RETURNING token";
	}

	/** Else the server writes every collision to its log. */
	@Override
	String unlessPresent() {
		return " ON CONFLICT DO NOTHING";
	}

	@Override
	@Nullable String channel(String engine) {
		return ENGINE.matcher(engine).matches() ? "concord_" + engine : null;
	}

	@Override
	boolean isConflict(SQLException ex) {
		return CONFLICTS.contains(state(ex));
	}

	/** Also a standby, a lack of resources, and what was cancelled. */
	@Override
	boolean isRefusal(SQLException ex) {
		String state = state(ex);
		return super.isRefusal(ex) || state.equals(READ_ONLY) || state.startsWith("53") || state.equals(CANCELLED);
	}

	@Override
	boolean isMissingTable(SQLException ex) {
		return MISSING.contains(state(ex));
	}

}
