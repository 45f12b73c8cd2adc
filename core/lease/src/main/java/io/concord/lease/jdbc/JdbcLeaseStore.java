package io.concord.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.ClassUtils;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceNames;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;

/**
 * Keeps leases in a relational database: H2, PostgreSQL, MariaDB or MySQL, in tables
 * whose DDL lies at {@link #schemaLocation}.
 *
 * <p>
 * To claim a free name is one autocommit statement, so is to renew it, and so is to
 * release it while nobody waits. To be refused costs one more, to join a line or to hand
 * over one short transaction at READ COMMITTED, whatever the default of the connections
 * is. Claims beside others, with a limit, always take such a transaction: of 4 statements
 * to claim, to renew and to release. All on connections of its own, never in the
 * transaction of the caller, and on threads of its own, as neither a connection pool nor
 * an embedded database can be bounded in time by the caller. So a caller that holds a
 * connection in a transaction needs a second one of the pool for a moment; if there is
 * none in time, that is a {@link LeaseStoreException} that says so.
 *
 * <p>
 * Waiters poll: the first in line at the poll interval, those behind it less often in
 * proportion to their place; a look is one statement. On PostgreSQL the transaction that
 * hands over also notifies the engine of the next, which listens on one connection that
 * it keeps for good; while it listens its waiters look {@value #POLLS_SAVED} times more
 * rarely, for notifications are hints.
 *
 * <p>
 * Time is that of the database. What the guarantees rest on: the database keeps what it
 * has committed; on an H2 file that takes {@code WRITE_DELAY=0}. Rows of names that have
 * not been used for the retention are swept away; a floor keeps later tokens above
 * theirs. Thread-safe.
 */
public final class JdbcLeaseStore implements LeaseStore {

	/** Beginning of the names of the tables. */
	public static final String DEFAULT_TABLE_PREFIX = "concord_";

	/** How long the row of an idle name is kept. */
	public static final Duration DEFAULT_RETENTION = Duration.ofDays(1);

	/** How often the first in line looks. */
	public static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMillis(20);

	private static final Logger logger = LoggerFactory.getLogger(JdbcLeaseStore.class);

	private static final boolean POSTGRESQL_DRIVER = ClassUtils.isPresent("org.postgresql.PGConnection",
			JdbcLeaseStore.class.getClassLoader());

	private static final Duration MARGIN = Duration.ofMillis(1);

	/** How much more rarely a waiter looks that is told of its offer. */
	static final int POLLS_SAVED = 25;

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final String FORMAT_ROW = "#format";

	private static final long FORMAT = 1;

	private static final int MAX_THREADS = 8;

	private static final int MAX_RENEWAL_THREADS = 2;

	/** How many idle names one statement of a sweep takes. */
	private static final int SWEPT_AT_ONCE = 50;

	private static final String SCHEMAS = "io/concord/lease/jdbc";

	private static final String IDLE = " res >= ? AND res < ? AND touched_us <= ${now} - ?"
			+ " AND (owner IS NULL OR until_us <= ${now})";

	private final DataSource dataSource;

	private final Sql sql;

	private final String namespace;

	private final Duration retention;

	private final Duration pollInterval;

	private final boolean alwaysRenewPatience;

	private final String description;

	private final StoreCapabilities capabilities;

	private final JdbcCalls calls;

	/**
	 * Those of holders, which must not wait until a name that is stuck lets go of all
	 * threads.
	 */
	private final JdbcCalls renewals;

	/** Whether the format of the tables has been looked at. */
	private volatile boolean checked;

	/** By engine, mostly one. */
	private final Map<String, PostgresOffers> offers = new ConcurrentHashMap<>();

	private JdbcLeaseStore(Builder builder, JdbcDatabase database) {
		JdbcDialect dialect = database.dialect();
		this.dataSource = builder.dataSource;
		this.namespace = builder.namespace + "/";
		this.retention = builder.retention;
		this.pollInterval = builder.pollInterval;
		this.alwaysRenewPatience = builder.now != null;
		boolean notifies = builder.notifications && POSTGRESQL_DRIVER && dialect.channel("any") != null;
		this.sql = Sql.ofLeases(dialect, builder.tables, (builder.now != null) ? builder.now : dialect.now(),
				floorRow(), notifies);
		this.capabilities = new StoreCapabilities(true, true, true, notifies, MARGIN);
		this.description = database.description();
		this.calls = new JdbcCalls(database, this.sql, SCHEMAS, "jdbc", MAX_THREADS);
		this.renewals = new JdbcCalls(database, this.sql, SCHEMAS, "jdbc-renewal", MAX_RENEWAL_THREADS);
	}

	/**
	 * Starts the description of a store.
	 * @param dataSource gives the connections; not closed by the store
	 * @return a builder
	 */
	public static Builder builder(DataSource dataSource) {
		return new Builder(dataSource);
	}

	/**
	 * Returns where the DDL for a database lies on the class path, written with
	 * {@link #DEFAULT_TABLE_PREFIX}.
	 * @param dataSource the database; is asked for its kind
	 * @return such as {@code io/concord/lease/jdbc/schema-h2.sql}
	 * @throws IllegalArgumentException if the database is of no known kind
	 * @throws LeaseStoreException if it can't be asked
	 */
	public static String schemaLocation(DataSource dataSource) {
		return JdbcDatabase.of(dataSource).schemaLocation(SCHEMAS);
	}

	@Override
	public String describe() {
		return this.description;
	}

	@Override
	public StoreCapabilities capabilities() {
		return this.capabilities;
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		String name = name(claim);
		return call(this.calls, timeout, (statements) -> {
			if (claim.limit() == 1) {
				JdbcDialect dialect = statements.dialect();
				Long token = statements.token(dialect.claim(),
						dialect.claimParameters(name, claim.owner(), micros(claim.ttl())));
				if (token != null) {
					return new ClaimAnswer.Granted(token);
				}
				if (!claim.waits() && isHeldByAnother(statements, name, claim.owner())) {
					return new ClaimAnswer.Refused();
				}
			}
			return transaction(statements, () -> {
				LockedLine line = LockedLine.create(statements, name);
				ClaimAnswer answer = line.claim(claim);
				line.save(claim);
				return paced(claim, answer);
			});
		});
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		String name = name(claim);
		return call(claim.waits() ? this.calls : this.renewals, timeout, (statements) -> {
			// One that waits mostly has to wait on, one that doesn't holds.
			Look look = claim.waits() ? look(statements, name, claim) : null;
			if (claim.limit() == 1 && (look == null || look.holds())) {
				Long token = statements.token(statements.dialect().renew(), micros(claim.ttl()), name, claim.owner());
				if (token != null) {
					return new ClaimAnswer.Granted(token);
				}
				if (look == null) {
					return new ClaimAnswer.Gone();
				}
			}
			else if (look != null && look.mustWait()
					&& (!isPatienceShort(claim, look) || renewPatience(statements, name, claim))) {
				return paced(claim, new ClaimAnswer.Waiting(look.ahead(), Duration.ofNanos(look.untilEnd() * 1_000)));
			}
			return transaction(statements, () -> {
				LockedLine line = LockedLine.of(statements, name);
				ClaimAnswer answer = line.refresh(claim);
				line.save(claim);
				return paced(claim, answer);
			});
		});
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		String name = name(claim);
		return call(this.calls, timeout, (statements) -> {
			if (bar.isZero() && claim.limit() == 1
					&& statements.update(
							"UPDATE ${lease} SET owner = NULL, until_us = 0, touched_us = ${now}"
									+ " WHERE res = ? AND owner = ? AND waiters = 0 AND until_us > ${now}",
							name, claim.owner()) > 0) {
				return new ReleaseAnswer(true, null);
			}
			return transaction(statements, () -> {
				LockedLine line = bar.isZero() ? LockedLine.of(statements, name) : LockedLine.create(statements, name);
				ReleaseAnswer answer = line.release(claim, bar);
				line.save(claim);
				return answer;
			});
		});
	}

	@Override
	public Optional<ResourceState> inspect(String resource, Duration timeout) {
		String name = this.namespace + ResourceNames.encode(resource);
		return call(this.calls, timeout, (statements) -> {
			List<ResourceState.Holder> holders = statements.all(
					"SELECT owner, 1, token, until_us - ${now} FROM ${lease} WHERE res = ? AND owner <> '"
							+ LockedLine.SHARED + "' AND until_us > ${now} UNION ALL SELECT x.owner, x.max_holders,"
							+ " x.token, x.until_us - ${now} FROM ${holder} x JOIN ${lease} h ON h.res = x.res"
							+ " WHERE x.res = ? AND h.owner = '" + LockedLine.SHARED + "' AND x.until_us > ${now}",
					(row) -> new ResourceState.Holder(row.getString(1), row.getInt(2), row.getLong(3),
							Duration.ofNanos(row.getLong(4) * 1_000)),
					name, name);
			Integer waiters = statements.first(
					"SELECT COUNT(*) FROM ${waiter} WHERE res = ? AND seq > 0 AND alive_us > ${now}",
					(row) -> row.getInt(1), name);
			return Optional.of(new ResourceState(holders, (waiters != null) ? waiters : 0));
		});
	}

	/**
	 * Listens for offers in the background, if the database is PostgreSQL, its driver is
	 * there and notifications are not switched off.
	 */
	@Override
	public void listen(String engine, Consumer<String> offered) {
		String channel = this.sql.notifies() ? this.sql.dialect().channel(engine) : null;
		if (channel != null) {
			this.offers.computeIfAbsent(engine, (key) -> new PostgresOffers(this.dataSource, channel, offered));
		}
	}

	/**
	 * Sweeps the names of this namespace that have been idle for the retention: what
	 * stands below the floor is deleted, then the floor is raised above the rest for the
	 * next sweep. Between the two lies the time in which a claim that has not seen the
	 * new floor ends.
	 *
	 * <p>
	 * What to delete is looked up without locks and deleted by primary key: to delete a
	 * range would lock its gaps on MariaDB and MySQL, and wait for names in use.
	 */
	@Override
	public void sweep(Duration timeout) {
		call(this.calls, timeout, (statements) -> this.calls.readCommitted(statements.connection(), () -> {
			sweep(statements);
			return true;
		}));
	}

	private void sweep(Statements statements) throws SQLException {
		String first = this.namespace;
		String end = this.namespace.substring(0, this.namespace.length() - 1) + (char) ('/' + 1);
		long kept = micros(this.retention);
		List<String> abandoned = statements.all("SELECT res FROM ${lease} WHERE" + IDLE + " AND waiters > 0",
				(row) -> row.getString(1), first, end, kept);
		for (String name : abandoned) {
			transaction(statements, () -> {
				LockedLine line = LockedLine.of(statements, name);
				line.settle();
				line.tidy();
				return true;
			});
		}
		String orphaned = " alive_us <= ${now} - ?"
				+ " AND NOT EXISTS (SELECT 1 FROM ${lease} h WHERE h.res = ${waiter}.res AND h.waiters > 0)";
		List<String> orphans = statements.all(
				"SELECT DISTINCT res FROM ${waiter} WHERE res >= ? AND res < ? AND" + orphaned,
				(row) -> row.getString(1), first, end, kept);
		for (String name : orphans) {
			// Left by a name whose head has gone.
			statements.update("DELETE FROM ${waiter} WHERE res = ? AND" + orphaned, name, kept);
		}
		List<String> shared = statements.all(
				"SELECT DISTINCT res FROM ${holder} WHERE res >= ? AND res < ? AND until_us <= ${now} - ?",
				(row) -> row.getString(1), first, end, kept);
		for (String name : shared) {
			statements.update("DELETE FROM ${holder} WHERE res = ? AND until_us <= ${now} - ?", name, kept);
		}
		List<String> below = statements.all(
				"SELECT res FROM ${lease} WHERE" + IDLE + " AND waiters = 0 AND token <= ${floor} AND res <> ?",
				(row) -> row.getString(1), first, end, kept, floorRow());
		for (int i = 0; i < below.size(); i += SWEPT_AT_ONCE) {
			delete(statements, below.subList(i, Math.min(i + SWEPT_AT_ONCE, below.size())), kept);
		}
		Long greatest = statements.first(
				"SELECT MAX(token) FROM ${lease} WHERE" + IDLE + " AND waiters = 0 AND res <> ?",
				(row) -> row.getLong(1), first, end, kept, floorRow());
		if (greatest != null && greatest > 0) {
			raiseFloor(statements, greatest);
		}
	}

	/**
	 * Deletes names that were idle and below the floor, if they still are idle. The floor
	 * only rises.
	 */
	private static void delete(Statements statements, List<String> names, long kept) throws SQLException {
		// Always the same number, so that the statement is always the same.
		List<Object> parameters = new ArrayList<>(Collections.nCopies(SWEPT_AT_ONCE - names.size(), names.get(0)));
		parameters.addAll(names);
		parameters.add(kept);
		statements.update(
				"DELETE FROM ${lease} WHERE res IN (?" + ", ?".repeat(SWEPT_AT_ONCE - 1)
						+ ") AND touched_us <= ${now} - ? AND waiters = 0 AND (owner IS NULL OR until_us <= ${now})",
				parameters.toArray());
	}

	@Override
	public void close() {
		this.offers.values().forEach(PostgresOffers::close);
		this.calls.close();
		this.renewals.close();
	}

	private void raiseFloor(Statements statements, long token) throws SQLException {
		int raised = statements.update("UPDATE ${lease} SET token = GREATEST(token, ?) WHERE res = ?", token,
				floorRow());
		if (raised == 0) {
			putMark(statements, floorRow(), token);
		}
	}

	private boolean isHeldByAnother(Statements statements, String name, String owner) throws SQLException {
		Boolean held = statements.first(
				"SELECT 1 FROM ${lease} WHERE res = ? AND owner <> ? AND until_us > ${now}"
						+ " AND NOT EXISTS (SELECT 1 FROM ${waiter} w WHERE w.res = ? AND w.owner = ?)",
				(row) -> true, name, owner, name, owner);
		return held != null;
	}

	private Look look(Statements statements, String name, Claim claim) throws SQLException {
		Look look = statements.first(
				"SELECT h.owner, CASE WHEN h.owner = '" + LockedLine.SHARED
						+ "' THEN (SELECT MIN(x.until_us) FROM ${holder} x WHERE x.res = h.res) ELSE h.until_us END,"
						+ " w.seq, w.alive_us, ${now},"
						+ " (SELECT MIN(m.seq) FROM ${waiter} m WHERE m.res = h.res AND m.seq > 0) FROM ${lease} h"
						+ " LEFT JOIN ${waiter} w ON w.res = h.res AND w.owner = ? AND w.seq > 0 WHERE h.res = ?",
				(row) -> {
					String owner = row.getString(1);
					long now = row.getLong(5);
					Long seq = row.getObject(3, Long.class);
					long ahead = (seq != null) ? Math.min(Integer.MAX_VALUE, seq - row.getLong(6)) : 0;
					return new Look(claim.owner().equals(owner), (owner != null) ? row.getLong(2) - now : 0,
							(seq != null) ? row.getLong(4) - now : 0, (int) ahead);
				}, claim.owner(), name);
		return (look != null) ? look : new Look(false, 0, 0, 0);
	}

	private boolean isPatienceShort(Claim claim, Look look) {
		return this.alwaysRenewPatience || look.patience() * 3 < micros(claim.patience()) * 2;
	}

	private boolean renewPatience(Statements statements, String name, Claim claim) throws SQLException {
		return statements.update(
				"UPDATE ${waiter} SET alive_us = ${now} + ?"
						+ " WHERE res = ? AND owner = ? AND seq > 0 AND alive_us > ${now}",
				micros(claim.patience()), name, claim.owner()) > 0;
	}

	/**
	 * Waiters poll, the further back the more rarely, and look when the lease in front
	 * ends: one after the other, as mostly the first gets it.
	 */
	private ClaimAnswer paced(Claim claim, ClaimAnswer answer) {
		if (!(answer instanceof ClaimAnswer.Waiting waiting)) {
			return answer;
		}
		PostgresOffers heard = this.offers.get(claim.engine());
		long polls = (heard != null && heard.isListening()) ? POLLS_SAVED : 1L + waiting.ahead();
		Duration poll = this.pollInterval.multipliedBy(polls);
		Duration end = waiting.lookAgain().plusMillis(1).plus(this.pollInterval.multipliedBy(waiting.ahead()));
		return new ClaimAnswer.Waiting(waiting.ahead(), (poll.compareTo(end) < 0) ? poll : end);
	}

	/** Looks at the tables first, the first time. */
	private <T> T call(JdbcCalls through, Duration timeout, JdbcCalls.Work<T> work) {
		return through.call(timeout, (statements) -> {
			if (!this.checked) {
				checkFormat(statements);
			}
			return work.on(statements);
		});
	}

	private <T> T transaction(Statements statements, JdbcCalls.Step<T> step) throws SQLException {
		return this.calls.transaction(statements, step);
	}

	private void checkFormat(Statements statements) throws SQLException {
		Long format = mark(statements, FORMAT_ROW);
		if (format == null) {
			putMark(statements, FORMAT_ROW, FORMAT);
			format = mark(statements, FORMAT_ROW);
		}
		if (format == null || format != FORMAT) {
			throw new LeaseStoreException("The tables of " + this.description + " have format " + format
					+ ", and this version of Concord knows format " + FORMAT
					+ " only. Use the same version of Concord on all nodes, or another table prefix.");
		}
		if (mark(statements, floorRow()) == null) {
			putMark(statements, floorRow(), 0);
		}
		this.checked = true;
	}

	private static @Nullable Long mark(Statements statements, String mark) throws SQLException {
		return statements.first("SELECT token FROM ${lease} WHERE res = ?", (row) -> row.getLong(1), mark);
	}

	/** Puts a row in that all share, unless another has just done so. */
	private void putMark(Statements statements, String mark, long value) throws SQLException {
		try {
			statements.update(
					"INSERT INTO ${lease} (res, owner, token, until_us, waiters, tail, touched_us)"
							+ " VALUES (?, NULL, ?, 0, 0, 0, ${now})" + statements.dialect().unlessPresent(),
					mark, value);
		}
		catch (SQLException ex) {
			if (!statements.dialect().isConflict(ex)) {
				throw ex;
			}
			logger.debug("Another process was faster", ex);
		}
	}

	private String floorRow() {
		return this.namespace + "#floor";
	}

	private String name(Claim claim) {
		return this.namespace + ResourceNames.encode(claim.resource());
	}

	private static long micros(Duration duration) {
		return duration.toNanos() / 1_000;
	}

	/**
	 * What one look shows, in µs from now.
	 *
	 * @param holds whether the claim holds the name
	 * @param untilEnd until the end of the lease on it; not above zero if it is free
	 * @param patience left of the claim's patience; not above zero if it doesn't wait
	 * @param ahead how many may stand before it
	 */
	private record Look(boolean holds, long untilEnd, long patience, int ahead) {

		boolean mustWait() {
			return this.untilEnd > 0 && this.patience > 0;
		}

	}

	/**
	 * Describes a store. Not thread-safe.
	 */
	public static final class Builder {

		private final DataSource dataSource;

		private String namespace = "application";

		private TableNames tables = TableNames.of(DEFAULT_TABLE_PREFIX);

		private Duration retention = DEFAULT_RETENTION;

		private Duration pollInterval = DEFAULT_POLL_INTERVAL;

		private boolean notifications = true;

		private @Nullable String now;

		private Builder(DataSource dataSource) {
			this.dataSource = dataSource;
		}

		/**
		 * Sets what separates applications in the same tables.
		 * @param namespace 1 to 64 of {@code A-Z a-z 0-9 . _ -}
		 * @return this builder
		 * @throws IllegalArgumentException if it has other characters
		 */
		public Builder namespace(String namespace) {
			if (!NAMESPACE.matcher(namespace).matches()) {
				throw new IllegalArgumentException(
						"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
			}
			this.namespace = namespace;
			return this;
		}

		/**
		 * Sets how the names of the tables begin.
		 * @param tablePrefix an identifier, after a schema and a dot if need be; default
		 * {@link JdbcLeaseStore#DEFAULT_TABLE_PREFIX}
		 * @return this builder
		 * @throws IllegalArgumentException if it is no plain identifier
		 */
		public Builder tablePrefix(String tablePrefix) {
			this.tables = TableNames.of(tablePrefix);
			return this;
		}

		/**
		 * Sets how long the row of an idle name is kept.
		 * @param retention zero or longer; default
		 * {@link JdbcLeaseStore#DEFAULT_RETENTION}
		 * @return this builder
		 */
		public Builder retention(Duration retention) {
			if (retention.isNegative()) {
				throw new IllegalArgumentException("The retention must not be negative: " + retention);
			}
			this.retention = retention;
			return this;
		}

		/**
		 * Sets how often the first in line looks whether it is its turn.
		 * @param pollInterval at least 1 ms; default
		 * {@link JdbcLeaseStore#DEFAULT_POLL_INTERVAL}
		 * @return this builder
		 */
		public Builder pollInterval(Duration pollInterval) {
			if (pollInterval.toMillis() < 1) {
				throw new IllegalArgumentException("The poll interval must be at least 1 ms, not " + pollInterval);
			}
			this.pollInterval = pollInterval;
			return this;
		}

		/**
		 * Sets whether waiters are told of offers by LISTEN and NOTIFY, on PostgreSQL
		 * with its driver. The store keeps one connection for that, which a pool of one
		 * or two can't spare; and one behind a proxy that changes servers between
		 * transactions hears nothing.
		 * @param notifications whether to listen and to notify; default true. Should be
		 * the same on all nodes
		 * @return this builder
		 */
		public Builder notifications(boolean notifications) {
			this.notifications = notifications;
			return this;
		}

		/** Replaces the database's clock by an expression. */
		Builder now(String expression) {
			this.now = expression;
			return this;
		}

		/**
		 * Builds the store. Asks the database for its kind.
		 * @return a new store, to be closed
		 * @throws IllegalArgumentException if the database is of no known kind
		 * @throws LeaseStoreException if it can't be asked
		 */
		public JdbcLeaseStore build() {
			return new JdbcLeaseStore(this, JdbcDatabase.of(this.dataSource));
		}

	}

}
