package io.concord.ratelimit.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseStoreException;
import io.concord.lease.ResourceNames;
import io.concord.lease.jdbc.JdbcCalls;
import io.concord.lease.jdbc.JdbcDatabase;
import io.concord.lease.jdbc.Sql;
import io.concord.lease.jdbc.Statements;
import io.concord.ratelimit.RateLimitStore;
import io.concord.ratelimit.RateModel;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateSpec;
import io.concord.ratelimit.RateSpec.Kind;
import io.concord.ratelimit.RateVerdict;

/**
 * Keeps rate limits in a table of PostgreSQL, MariaDB, MySQL or H2, a row for each rule
 * and key, by the clock of the database. Token buckets, leaky buckets and fixed windows
 * are decided by one autocommit statement, {@link RateStatements}; sliding windows, rates
 * with a warm-up and parts of what is asked for by {@link RateModel} under the lock of
 * the row, in a short transaction. Always on a connection of its own: what was taken in a
 * transaction of the caller stays taken if that is rolled back. Thread-safe.
 */
public final class JdbcRateLimitStore implements RateLimitStore {

	/** Beginning of the name of the table. */
	public static final String DEFAULT_TABLE_PREFIX = "concord_";

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final String SCHEMAS = "io/concord/ratelimit/jdbc";

	/** Calls under way at once; each needs a connection for a moment. */
	private static final int MAX_THREADS = 8;

	private static final int SWEPT_AT_ONCE = 500;

	private static final String COLUMNS = "p1, d1, p2, d2, p3, d3, p4, d4";

	private final JdbcCalls calls;

	private final RateStatements statements;

	private final String namespace;

	/** The statement of each rule. */
	private final Map<RateSpec, String> decisions = new ConcurrentHashMap<>();

	/**
	 * Creates a store. Asks the database for its kind.
	 * @param dataSource gives the connections; not closed
	 * @param namespace separates applications in the same table: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param tablePrefix how the name of the table begins: an identifier, after a schema
	 * and a dot if need be
	 * @throws IllegalArgumentException if the namespace has other characters, the prefix
	 * is no plain identifier, or the database is of no known kind
	 * @throws LeaseStoreException if the database can't be asked
	 */
	public JdbcRateLimitStore(DataSource dataSource, String namespace, String tablePrefix) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		JdbcDatabase.checkTablePrefix(tablePrefix);
		JdbcDatabase database = JdbcDatabase.of(dataSource);
		this.statements = RateStatements.of(database.dialect());
		this.calls = new JdbcCalls(database,
				new Sql(database.dialect(), Map.of("rate", tablePrefix + "rate", "now", database.dialect().now())),
				SCHEMAS, "jdbc-rates", MAX_THREADS);
		this.namespace = namespace + "/";
	}

	/**
	 * Returns where the DDL for a database lies on the class path, written with
	 * {@link #DEFAULT_TABLE_PREFIX}.
	 * @param dataSource the database; is asked for its kind
	 * @return such as {@code io/concord/ratelimit/jdbc/schema-h2.sql}
	 * @throws IllegalArgumentException if the database is of no known kind
	 * @throws LeaseStoreException if it can't be asked
	 */
	public static String schemaLocation(DataSource dataSource) {
		return JdbcDatabase.of(dataSource).schemaLocation(SCHEMAS);
	}

	@Override
	public String describe() {
		return this.calls.describe();
	}

	@Override
	public String kind() {
		return "jdbc";
	}

	@Override
	public RateVerdict take(RateQuery query, Duration timeout) {
		return this.calls.call(timeout, (call) -> RateStatements.canDecide(query) ? inOneStatement(call, query)
				: this.calls.transaction(call, () -> underLock(call, query)));
	}

	private RateVerdict inOneStatement(Statements call, RateQuery query) throws SQLException {
		String decision = this.decisions.computeIfAbsent(query.spec(), this.statements::decide);
		@Nullable Object[] parameters = this.statements.parameters(key(query), query);
		Long verdict = (this.statements == RateStatements.INNODB) ? call.key(decision, parameters)
				: call.first(decision, (row) -> row.getLong(1), parameters);
		if (verdict == null) {
			throw new LeaseStoreException(describe() + " did not tell its verdict");
		}
		return RateStatements.verdict(verdict, query);
	}

	private RateVerdict underLock(Statements call, RateQuery query) throws SQLException {
		Row row = row(call, query, " FOR UPDATE");
		if (row == null) {
			call.update("INSERT INTO ${rate} (res, at_us, permits, max_wait_us, verdict, idle_us)"
					+ " VALUES (?, ${now}, 0, 0, 0, 0)" + switch (this.statements) {
						case H2 -> "";
						case POSTGRESQL -> " ON CONFLICT DO NOTHING";
						case INNODB -> " ON DUPLICATE KEY UPDATE verdict = verdict";
					}, key(query));
			row = row(call, query, " FOR UPDATE");
		}
		if (row == null) {
			throw new LeaseStoreException("A row has gone from " + describe() + " as it was inserted");
		}
		RateModel.Step step = RateModel.decide(query, row.state(), row.time(query));
		if (step.next() != null) {
			keep(call, query, step, step.next());
		}
		return step.verdict();
	}

	private void keep(Statements call, RateQuery query, RateModel.Step step, long[] next) throws SQLException {
		long idle = (step.end() / RateStatements.IDLE_STEP_MICROS + 1) * RateStatements.IDLE_STEP_MICROS;
		if (isText(query)) {
			call.update("UPDATE ${rate} SET at_us = ?, state = ?, idle_us = ? WHERE res = ?", next[0], step.text(),
					idle, key(query));
			return;
		}
		@Nullable Object[] parameters = new @Nullable Object[11];
		parameters[0] = next[0];
		for (int i = 0; i < 8; i++) {
			parameters[1 + i] = (2 + i < next.length) ? next[2 + i] : 1L - i % 2;
		}
		parameters[9] = idle;
		parameters[10] = key(query);
		call.update("UPDATE ${rate} SET at_us = ?, " + COLUMNS.replace(",", " = ?,")
				+ " = ?, idle_us = GREATEST(idle_us, ?) WHERE res = ?", parameters);
	}

	@Override
	public RateVerdict peek(RateQuery query, Duration timeout) {
		return this.calls.call(timeout, (call) -> {
			Row row = row(call, query, "");
			long now = (row != null) ? row.time(query) : (query.now() != RateQuery.STORE_TIME) ? query.now() : 0;
			return RateModel.decide(query, (row != null) ? row.state() : null, now).verdict();
		});
	}

	private @Nullable Row row(Statements call, RateQuery query, String lock) throws SQLException {
		return call.first("SELECT ${now}, at_us, " + COLUMNS + ", state, idle_us FROM ${rate} WHERE res = ?" + lock,
				(row) -> new Row(row.getLong(1), state(row, isText(query))), key(query));
	}

	private static long @Nullable [] state(ResultSet row, boolean text) throws SQLException {
		if (text) {
			String state = row.getString(11);
			return (state != null) ? RateModel.state(state) : null;
		}
		if (row.getLong(12) == 0) {
			// Just inserted.
			return null;
		}
		long[] state = new long[10];
		state[0] = row.getLong(2);
		for (int i = 2; i < 10; i++) {
			state[i] = row.getLong(i + 1);
		}
		return state;
	}

	private static boolean isText(RateQuery query) {
		return query.spec().kind() == Kind.SLIDING_WINDOW || query.spec().kind() == Kind.WARM_BUCKET;
	}

	@Override
	public void reset(String rule, String key, Duration timeout) {
		this.calls.call(timeout, (call) -> {
			int deleted = 0;
			for (Kind kind : Kind.values()) {
				deleted += call.update("DELETE FROM ${rate} WHERE res = ?", key(RateQuery.resource(rule, kind, key)));
			}
			return deleted;
		});
	}

	/** Chooses first and deletes then, by key: so no gap of the index is locked. */
	@Override
	public boolean sweep(Duration timeout) {
		return this.calls.call(timeout, (call) -> {
			int found = 0;
			for (String res : call.all(
					"SELECT res FROM ${rate} WHERE idle_us < ${now} AND res >= ? AND res < ? ORDER BY idle_us LIMIT "
							+ SWEPT_AT_ONCE,
					(row) -> row.getString(1), this.namespace, this.namespace.replace('/', '0'))) {
				call.update("DELETE FROM ${rate} WHERE res = ? AND idle_us < ${now}", res);
				found++;
			}
			return found == SWEPT_AT_ONCE;
		});
	}

	@Override
	public void close() {
		this.calls.close();
	}

	private String key(RateQuery query) {
		return key(query.resource());
	}

	private String key(String resource) {
		return this.namespace + ResourceNames.encode(resource);
	}

	/**
	 * What is kept of a key.
	 *
	 * @param now the clock of the database, µs since 1970
	 * @param state the state; null for nothing
	 */
	@SuppressWarnings("ArrayRecordComponent")
	private record Row(long now, long @Nullable [] state) {

		long time(RateQuery query) {
			return (query.now() != RateQuery.STORE_TIME) ? query.now() : this.now;
		}

	}

}
