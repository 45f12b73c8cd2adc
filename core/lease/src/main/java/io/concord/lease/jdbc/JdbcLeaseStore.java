package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.BoundedCalls;
import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceNames;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;

/**
 * Keeps leases in a relational database, H2 in this version, in tables whose DDL lies at
 * {@link #schemaLocation}.
 *
 * <p>
 * To claim a free name is one autocommit statement, so is to renew it, and so is to
 * release it while nobody waits. To be refused costs one more, to join a line or to hand
 * over one short transaction. Waiters poll: the first in line at the poll interval, those
 * behind it less often in proportion to their place; a look is one statement. All on
 * connections of its own, never in the transaction of the caller, and on threads of its
 * own, as neither a connection pool nor an embedded database can be bounded in time by
 * the caller.
 *
 * <p>
 * Time is that of the database. What the guarantees rest on: the database keeps what it
 * has committed; on an H2 file that takes {@code WRITE_DELAY=0}. Rows of names that have
 * not been used for the retention are swept away; a floor keeps later tokens above
 * theirs. Claims with a limit are for a later version. Thread-safe.
 */
public final class JdbcLeaseStore implements LeaseStore {

	/** Beginning of the names of the tables. */
	public static final String DEFAULT_TABLE_PREFIX = "concord_";

	/** How long the row of an idle name is kept. */
	public static final Duration DEFAULT_RETENTION = Duration.ofDays(1);

	/** How often the first in line looks. */
	public static final Duration DEFAULT_POLL_INTERVAL = Duration.ofMillis(20);

	private static final Logger logger = LoggerFactory.getLogger(JdbcLeaseStore.class);

	private static final StoreCapabilities CAPABILITIES = new StoreCapabilities(true, true, false, false,
			Duration.ofMillis(1));

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final String FORMAT_ROW = "#format";

	private static final long FORMAT = 1;

	private static final int MAX_THREADS = 8;

	private static final int MAX_RENEWAL_THREADS = 2;

	private static final long PAUSE_AFTER_CONFLICT_NANOS = 2_000_000;

	private final DataSource dataSource;

	private final Sql sql;

	private final String namespace;

	private final Duration retention;

	private final Duration pollInterval;

	private final boolean alwaysRenewPatience;

	private final String description;

	private final BoundedCalls calls;

	/**
	 * Those of holders, which must not wait until a name that is stuck lets go of all
	 * threads.
	 */
	private final BoundedCalls renewals;

	/** Whether the format of the tables has been looked at. */
	private volatile boolean checked;

	private JdbcLeaseStore(Builder builder, JdbcDialect dialect, String url) {
		this.dataSource = builder.dataSource;
		this.namespace = builder.namespace + "/";
		this.retention = builder.retention;
		this.pollInterval = builder.pollInterval;
		this.alwaysRenewPatience = builder.now != null;
		this.sql = new Sql(dialect, builder.tables, (builder.now != null) ? builder.now : dialect.now(), floorRow());
		this.description = "jdbc (" + url + ")";
		this.calls = new BoundedCalls("jdbc", MAX_THREADS);
		this.renewals = new BoundedCalls("jdbc-renewal", MAX_RENEWAL_THREADS);
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
		try (Connection connection = dataSource.getConnection()) {
			return "io/concord/lease/jdbc/schema-" + JdbcDialect.of(connection).id() + ".sql";
		}
		catch (SQLException ex) {
			throw new LeaseStoreException("The database can't be asked for its kind: " + ex.getMessage(), ex);
		}
	}

	@Override
	public String describe() {
		return this.description;
	}

	@Override
	public StoreCapabilities capabilities() {
		return CAPABILITIES;
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		if (claim.limit() != 1) {
			throw new IllegalArgumentException("The store " + this.description + " takes exclusive claims only");
		}
		String name = name(claim);
		return call(this.calls, timeout, (connection) -> {
			Long token = this.sql.first(connection, this.sql.dialect().claim(), (row) -> row.getLong(1), name,
					claim.owner(), micros(claim.ttl()));
			if (token != null) {
				return new ClaimAnswer.Granted(token);
			}
			if (!claim.waits() && isHeldByAnother(connection, name, claim.owner())) {
				return new ClaimAnswer.Refused();
			}
			return transaction(connection, () -> {
				LockedLine line = LockedLine.create(connection, this.sql, name);
				ClaimAnswer answer = line.claim(claim);
				line.save();
				return paced(answer);
			});
		});
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		String name = name(claim);
		return call(claim.waits() ? this.calls : this.renewals, timeout, (connection) -> {
			// One that waits mostly has to wait on, one that doesn't holds.
			Look look = claim.waits() ? look(connection, name, claim) : null;
			if (look == null || look.holds()) {
				Long token = this.sql.first(connection, this.sql.dialect().renew(), (row) -> row.getLong(1),
						micros(claim.ttl()), name, claim.owner());
				if (token != null) {
					return new ClaimAnswer.Granted(token);
				}
				if (look == null) {
					return new ClaimAnswer.Gone();
				}
			}
			else if (look.mustWait() && (!isPatienceShort(claim, look) || renewPatience(connection, name, claim))) {
				return paced(new ClaimAnswer.Waiting(look.ahead(), Duration.ofNanos(look.untilEnd() * 1_000)));
			}
			return transaction(connection, () -> {
				LockedLine line = LockedLine.of(connection, this.sql, name);
				ClaimAnswer answer = line.refresh(claim);
				line.save();
				return paced(answer);
			});
		});
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		String name = name(claim);
		return call(this.calls, timeout, (connection) -> {
			if (bar.isZero() && this.sql.update(connection,
					"UPDATE ${lease} SET owner = NULL, until_us = 0, touched_us = ${now}"
							+ " WHERE res = ? AND owner = ? AND waiters = 0 AND until_us > ${now}",
					name, claim.owner()) > 0) {
				return new ReleaseAnswer(true, null);
			}
			return transaction(connection, () -> {
				LockedLine line = bar.isZero() ? LockedLine.of(connection, this.sql, name)
						: LockedLine.create(connection, this.sql, name);
				ReleaseAnswer answer = line.release(claim, bar);
				line.save();
				return answer;
			});
		});
	}

	@Override
	public Optional<ResourceState> inspect(String resource, Duration timeout) {
		String name = this.namespace + ResourceNames.encode(resource);
		return call(this.calls, timeout, (connection) -> {
			List<ResourceState.Holder> holders = this.sql.all(connection,
					"SELECT owner, token, until_us - ${now} FROM ${lease} WHERE res = ? AND owner IS NOT NULL"
							+ " AND until_us > ${now}",
					(row) -> new ResourceState.Holder(row.getString(1), 1, row.getLong(2),
							Duration.ofNanos(row.getLong(3) * 1_000)),
					name);
			Integer waiters = this.sql.first(connection,
					"SELECT COUNT(*) FROM ${waiter} WHERE res = ? AND seq > 0 AND alive_us > ${now}",
					(row) -> row.getInt(1), name);
			return Optional.of(new ResourceState(holders, (waiters != null) ? waiters : 0));
		});
	}

	/**
	 * Sweeps the names of this namespace that have been idle for the retention: what
	 * stands below the floor is deleted, then the floor is raised above the rest for the
	 * next sweep. Between the two lies the time in which a claim that has not seen the
	 * new floor ends.
	 */
	@Override
	public void sweep(Duration timeout) {
		String first = this.namespace;
		String end = this.namespace.substring(0, this.namespace.length() - 1) + (char) ('/' + 1);
		long kept = micros(this.retention);
		String idle = " res >= ? AND res < ? AND touched_us <= ${now} - ? AND (owner IS NULL OR until_us <= ${now})";
		call(this.calls, timeout, (connection) -> {
			List<String> abandoned = this.sql.all(connection,
					"SELECT res FROM ${lease} WHERE" + idle + " AND waiters > 0", (row) -> row.getString(1), first, end,
					kept);
			for (String name : abandoned) {
				transaction(connection, () -> {
					LockedLine line = LockedLine.of(connection, this.sql, name);
					line.settle();
					line.tidy();
					return true;
				});
			}
			// Left by names whose head has gone.
			this.sql.update(connection, "DELETE FROM ${waiter} WHERE res >= ? AND res < ? AND alive_us <= ${now} - ?"
					+ " AND NOT EXISTS (SELECT 1 FROM ${lease} h WHERE h.res = ${waiter}.res AND h.waiters > 0)", first,
					end, kept);
			this.sql.update(connection,
					"DELETE FROM ${lease} WHERE" + idle + " AND waiters = 0 AND token <= ${floor} AND res <> ?", first,
					end, kept, floorRow());
			Long greatest = this.sql.first(connection,
					"SELECT MAX(token) FROM ${lease} WHERE" + idle + " AND waiters = 0 AND res <> ?",
					(row) -> row.getLong(1), first, end, kept, floorRow());
			if (greatest != null && greatest > 0) {
				raiseFloor(connection, greatest);
			}
			return true;
		});
	}

	@Override
	public void close() {
		this.calls.close();
		this.renewals.close();
	}

	private void raiseFloor(Connection connection, long token) throws SQLException {
		int raised = this.sql.update(connection, "UPDATE ${lease} SET token = GREATEST(token, ?) WHERE res = ?", token,
				floorRow());
		if (raised == 0) {
			insertMark(connection, floorRow(), token);
		}
	}

	private boolean isHeldByAnother(Connection connection, String name, String owner) throws SQLException {
		Boolean held = this.sql.first(connection,
				"SELECT 1 FROM ${lease} WHERE res = ? AND owner <> ? AND until_us > ${now}"
						+ " AND NOT EXISTS (SELECT 1 FROM ${waiter} w WHERE w.res = ? AND w.owner = ?)",
				(row) -> true, name, owner, name, owner);
		return held != null;
	}

	private @Nullable Look look(Connection connection, String name, Claim claim) throws SQLException {
		Look look = this.sql.first(connection,
				"SELECT h.owner, h.until_us, w.seq, w.alive_us, ${now},"
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

	private boolean renewPatience(Connection connection, String name, Claim claim) throws SQLException {
		return this.sql.update(connection,
				"UPDATE ${waiter} SET alive_us = ${now} + ?"
						+ " WHERE res = ? AND owner = ? AND seq > 0 AND alive_us > ${now}",
				micros(claim.patience()), name, claim.owner()) > 0;
	}

	/** Waiters poll, the further back the more rarely. */
	private ClaimAnswer paced(ClaimAnswer answer) {
		if (!(answer instanceof ClaimAnswer.Waiting waiting)) {
			return answer;
		}
		Duration poll = this.pollInterval.multipliedBy(1L + waiting.ahead());
		Duration end = waiting.lookAgain().plusMillis(1);
		return new ClaimAnswer.Waiting(waiting.ahead(), (poll.compareTo(end) < 0) ? poll : end);
	}

	private <T> T call(BoundedCalls threads, Duration timeout, Work<T> work) {
		long end = System.nanoTime() + timeout.toNanos();
		return threads.call((gate) -> {
			Connection connection = connect();
			try {
				gate.pass();
				return onConnection(connection, work, end);
			}
			catch (SQLException ex) {
				throw failure(ex);
			}
			finally {
				giveBack(connection);
			}
		}, timeout);
	}

	private Connection connect() {
		try {
			return this.dataSource.getConnection();
		}
		catch (SQLException ex) {
			throw new LeaseStoreException("No connection to " + this.description + ": " + ex.getMessage(), ex);
		}
	}

	private <T> T onConnection(Connection connection, Work<T> work, long end) throws SQLException {
		boolean manual = !connection.getAutoCommit();
		if (manual) {
			connection.setAutoCommit(true);
		}
		try {
			if (!this.checked) {
				checkFormat(connection);
			}
			return repeatOnConflict(connection, work, end);
		}
		finally {
			if (manual) {
				restore(connection, () -> connection.setAutoCommit(false));
			}
		}
	}

	/** What fails here must not hide what was done before. */
	private void restore(Connection connection, Restoration restoration) {
		try {
			restoration.run();
		}
		catch (SQLException ex) {
			logger.debug("A connection can't be given back as it was, and is ended", ex);
			abort(connection);
		}
	}

	private void giveBack(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			logger.debug("A connection did not close cleanly", ex);
		}
	}

	private void abort(Connection connection) {
		try {
			connection.abort(Runnable::run);
		}
		catch (SQLException ex) {
			logger.debug("A connection can't be ended", ex);
		}
	}

	private <T> T repeatOnConflict(Connection connection, Work<T> work, long end) throws SQLException {
		while (true) {
			try {
				return work.on(connection);
			}
			catch (SQLException ex) {
				if (!this.sql.dialect().isConflict(ex) || end - System.nanoTime() <= PAUSE_AFTER_CONFLICT_NANOS) {
					throw ex;
				}
				LockSupport.parkNanos(PAUSE_AFTER_CONFLICT_NANOS);
			}
		}
	}

	/**
	 * Runs a step in a transaction of its own. The row that it locks stays locked while
	 * the process stands still in here.
	 */
	private <T> T transaction(Connection connection, Step<T> step) throws SQLException {
		int isolation = connection.getTransactionIsolation();
		// A snapshot from before the lock on the head would show a line that is no more.
		if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
			connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		}
		connection.setAutoCommit(false);
		T result;
		try {
			result = step.run();
		}
		catch (Throwable ex) {
			rollback(connection, isolation);
			throw ex;
		}
		try {
			connection.commit();
		}
		catch (SQLException ex) {
			rollback(connection, isolation);
			if (this.sql.dialect().isConflict(ex)) {
				throw ex;
			}
			throw new LeaseOutcomeUnknownException("A commit in " + this.description + " failed: " + ex.getMessage(),
					ex);
		}
		restore(connection, () -> endTransaction(connection, isolation));
		return result;
	}

	/** To switch autocommit on would commit what could not be rolled back. */
	private void rollback(Connection connection, int isolation) {
		restore(connection, () -> {
			connection.rollback();
			endTransaction(connection, isolation);
		});
	}

	private static void endTransaction(Connection connection, int isolation) throws SQLException {
		connection.setAutoCommit(true);
		if (isolation != Connection.TRANSACTION_READ_COMMITTED) {
			connection.setTransactionIsolation(isolation);
		}
	}

	private void checkFormat(Connection connection) throws SQLException {
		Long format = this.sql.first(connection, "SELECT token FROM ${lease} WHERE res = ?", (row) -> row.getLong(1),
				FORMAT_ROW);
		if (format == null) {
			try {
				insertMark(connection, FORMAT_ROW, FORMAT);
			}
			catch (SQLException ex) {
				if (!this.sql.dialect().isConflict(ex)) {
					throw ex;
				}
				checkFormat(connection);
			}
		}
		else if (format != FORMAT) {
			throw new LeaseStoreException("The tables of " + this.description + " have format " + format
					+ ", and this version of Concord knows format " + FORMAT
					+ " only. Use the same version of Concord on" + " all nodes, or another table prefix.");
		}
		this.checked = true;
	}

	private void insertMark(Connection connection, String mark, long value) throws SQLException {
		this.sql.update(connection, "INSERT INTO ${lease} (res, owner, token, until_us, waiters, tail, touched_us)"
				+ " VALUES (?, NULL, ?, 0, 0, 0, ${now})", mark, value);
	}

	private LeaseStoreException failure(SQLException ex) {
		String message = this.description + ": " + ex.getMessage();
		if (String.valueOf(ex.getSQLState()).startsWith("42S0")) {
			return new LeaseStoreException("A table is missing in " + message + ". Create it with the DDL at"
					+ " io/concord/lease/jdbc/schema-" + this.sql.dialect().id()
					+ ".sql on the class path, or let concord.jdbc.initialize-schema do so.", ex);
		}
		return this.sql.dialect().isRefusal(ex) ? new LeaseStoreException(message, ex)
				: new LeaseOutcomeUnknownException(message, ex);
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

	private interface Work<T> {

		T on(Connection connection) throws SQLException;

	}

	private interface Restoration {

		void run() throws SQLException;

	}

	private interface Step<T> {

		T run() throws SQLException;

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
			try (Connection connection = this.dataSource.getConnection()) {
				// Without what follows the database's name, which can hold a password.
				String url = String.valueOf(connection.getMetaData().getURL()).split("[;?]", 2)[0];
				return new JdbcLeaseStore(this, JdbcDialect.of(connection), url);
			}
			catch (SQLException ex) {
				throw new LeaseStoreException("The database can't be asked for its kind: " + ex.getMessage(), ex);
			}
		}

	}

}
