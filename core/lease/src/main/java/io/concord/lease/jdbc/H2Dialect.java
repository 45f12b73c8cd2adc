package io.concord.lease.jdbc;

import java.sql.SQLException;
import java.util.Set;

final class H2Dialect extends JdbcDialect {

	private static final Set<String> CONFLICTS = Set.of("40001", "HYT00", "23505", "90131");

	H2Dialect() {
		super("H2", 2, 2, "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP(6)) * 1000000 AS BIGINT)");
	}

	@Override
	String claim() {
		return """
				SELECT token FROM FINAL TABLE (
				MERGE INTO ${lease} t
				USING (SELECT CAST(? AS VARCHAR(200)) res, CAST(? AS VARCHAR(255)) owner, CAST(? AS BIGINT) ttl,
				  CAST(? AS BIGINT) seen) s
				ON t.res = s.res
				WHEN MATCHED AND ((t.owner = s.owner AND t.until_us > ${now})
				  OR (t.waiters = 0 AND (t.owner IS NULL OR t.until_us <= ${now}))) THEN UPDATE SET
				  token = CASE WHEN t.owner = s.owner AND t.until_us > ${now} THEN GREATEST(t.token, %1$s)
				    ELSE GREATEST(t.token + 1, ${now}, %1$s) END,
				  owner = s.owner, until_us = ${now} + s.ttl, touched_us = ${now}
				WHEN NOT MATCHED THEN INSERT (res, owner, token, until_us, waiters, tail, touched_us)
				  VALUES (s.res, s.owner, GREATEST(${floor} + 1, ${now}, %1$s), ${now} + s.ttl, 0, 0, ${now}))
				""".formatted(least("s.seen", "${now}"));
	}

	@Override
	String renew() {
		return "SELECT token FROM FINAL TABLE (UPDATE ${lease} SET until_us = ${now} + ?, touched_us = ${now},"
				+ " token = GREATEST(token, " + least("CAST(? AS BIGINT)", "${now}") + ")"
				+ " WHERE res = ? AND owner = ? AND until_us > ${now})";
	}

	/** That of a statement would stay, that of the network does nothing. */
	@Override
	boolean takesTimeouts() {
		return false;
	}

	@Override
	boolean isConflict(SQLException ex) {
		return CONFLICTS.contains(state(ex));
	}

}
