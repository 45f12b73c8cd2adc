package io.concord.lease.guard;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import io.concord.lease.BoundedCalls;
import io.concord.lease.Claim;
import io.concord.lease.Fence;
import io.concord.lease.Fenced;
import io.concord.lease.FencedOutException;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ResourceNames;

/**
 * Keeps holders whose lease has passed to another from committing to a database, whatever
 * their clocks and pauses.
 *
 * <p>
 * <b>How.</b> The guard has one row for each resource, in the database whose transactions
 * it guards. A holder <em>announces</em> its grant there, in a transaction of its own,
 * before it begins to work: the row takes a larger token only. Each of its transactions
 * <em>verifies</em>, under a lock on the row that lasts until it has ended, that the row
 * still shows exactly its grant. So a stale holder has either committed before the new
 * one could announce, and then everything the new one reads shows it; or it finds the row
 * changed and rolls back. To verify without announcing first is not enough: the stale
 * holder could commit between what the new one reads and what it writes. Nor is moving
 * the row forward at the beginning of the working transaction: the next holder would
 * stand behind the one that has paused.
 *
 * <p>
 * <b>What is covered.</b> Every transaction of the guarded {@link DataSource} that is
 * managed by one of Spring's transaction managers, not declared read-only, and begun and
 * committed by the same thread during {@link #call}. What is not: writes without a
 * transaction, other threads, other databases, transactions that were begun before, of
 * which there must be none. A holder that has paused between its verification and the end
 * of its commit keeps the row locked, and the next one out, until the database ends its
 * transaction.
 *
 * <p>
 * <b>Shared grants</b>, those that tolerate others, verify that no exclusive holder came
 * after them and never move the row: they stand back for a later exclusive holder, but
 * their own coming doesn't stop an earlier one.
 *
 * <p>
 * Thread-safe. Who owns what: the row belongs to the database; a fence once announced
 * stays, so that a row which is missing tells of a database that was put back.
 */
public final class FencingGuard implements AutoCloseable {

	/** Beginning of the name of the table. */
	public static final String DEFAULT_TABLE_PREFIX = "concord_";

	/** How long a call of the guard to the database may take. */
	public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final Pattern PREFIX = Pattern.compile("([A-Za-z][A-Za-z0-9_]{0,29}\\.)?[A-Za-z][A-Za-z0-9_]{0,29}");

	/** Databases as their drivers call them, in lower case. */
	private static final List<String> DATABASES = List.of("h2", "postgresql", "mariadb", "mysql");

	/** Error of MySQL and MariaDB: the row has changed since the snapshot was taken. */
	private static final int CHANGED_SINCE_SNAPSHOT = 1020;

	private static final int MAX_THREADS = 4;

	private static final long PAUSE_AFTER_CONFLICT_NANOS = 2_000_000;

	/** Owner in the row of a resource that no exclusive holder has announced yet. */
	private static final String NOBODY = "-";

	private final DataSource dataSource;

	private final CommitChecks commitChecks;

	private final String namespace;

	private final String table;

	private final Duration timeout;

	private final BoundedCalls calls = new BoundedCalls("guard", MAX_THREADS);

	private FencingGuard(Builder builder) {
		this.dataSource = builder.dataSource;
		this.commitChecks = builder.commitChecks;
		this.namespace = builder.namespace + "/";
		this.table = builder.tablePrefix + "fence";
		this.timeout = builder.timeout;
	}

	/**
	 * Starts the description of a guard.
	 * @param dataSource the database whose transactions are guarded, the same object that
	 * their transaction manager has; not closed by the guard
	 * @param commitChecks how the guard learns of commits
	 * @return a builder
	 */
	public static Builder builder(DataSource dataSource, CommitChecks commitChecks) {
		return new Builder(dataSource, commitChecks);
	}

	/**
	 * Returns where the DDL for a database lies on the class path, written with
	 * {@link #DEFAULT_TABLE_PREFIX}.
	 * @param dataSource the database; is asked for its kind
	 * @return such as {@code io/concord/lease/guard/schema-h2.sql}
	 * @throws IllegalArgumentException if the database is of no known kind
	 * @throws LeaseStoreException if it can't be asked
	 */
	public static String schemaLocation(DataSource dataSource) {
		try (Connection connection = dataSource.getConnection()) {
			String product = connection.getMetaData().getDatabaseProductName();
			for (String database : DATABASES) {
				if (product.toLowerCase(Locale.ROOT).startsWith(database)) {
					return "io/concord/lease/guard/schema-" + database + ".sql";
				}
			}
			throw new IllegalArgumentException("Transactions can't be guarded in a database of the kind '" + product
					+ "'. This version of Concord knows H2, PostgreSQL, MariaDB and MySQL.");
		}
		catch (SQLException ex) {
			throw new LeaseStoreException("The database can't be asked for its kind: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Announces a grant and does something under guard: every transaction of the guarded
	 * DataSource that this thread commits meanwhile is verified. A thread that is already
	 * doing something under guard for the same grant goes on without another
	 * announcement.
	 * @param <T> type of the result
	 * @param <E> what it throws
	 * @param holder the lease or lock that is held
	 * @param action what to do, on this thread
	 * @return its result
	 * @throws E what the action throws
	 * @throws FencedOutException if another holder has announced since, and so the action
	 * has not run or its transaction has been rolled back
	 * @throws IllegalTransactionStateException if the thread is in a transaction already,
	 * which could have read before the announcement, and would end after the action; it
	 * has not run
	 * @throws IllegalArgumentException if the holder is one of a limited number; the
	 * action has not run
	 * @throws LeaseStoreException if the database failed or did not answer in time
	 */
	public <T extends @Nullable Object, E extends Throwable> T call(Fenced holder, CommitChecks.Action<T, E> action)
			throws E {
		Fence fence = holder.fence();
		requireGuardable(fence);
		Verification verification = new Verification(this, fence);
		if (this.commitChecks.isActive(verification)) {
			return action.run();
		}
		if (TransactionSynchronizationManager.isActualTransactionActive()) {
			throw new IllegalTransactionStateException("A transaction is active where the guard of " + fence
					+ " begins: it may have read already what the holder before has changed since, and would end "
					+ "after the lock. Begin the transaction inside of the guarded method, or remove it from the caller.");
		}
		try {
			announce(fence);
		}
		catch (FencedOutException ex) {
			holder.fencedOutBy(ex.getAnnouncedToken());
			throw ex;
		}
		return this.commitChecks.during(verification, action);
	}

	private static void requireGuardable(Fence fence) {
		if (!fence.isExclusive() && fence.limit() != Claim.SHARED) {
			throw new IllegalArgumentException("Up to " + fence.limit() + " may hold '" + fence.resource()
					+ "' beside each other, and no guard can tell which of them are stale. Guard exclusive and shared holders only.");
		}
	}

	/**
	 * Returns whether there is a transaction manager whose transactions are guarded.
	 * @return false if no transaction manager that is a bean has the guard's DataSource
	 */
	public boolean coversTransactions() {
		return this.commitChecks.manages(this.dataSource);
	}

	/**
	 * Makes a grant the newest one of its resource, in a transaction of its own.
	 */
	void announce(Fence fence) {
		long end = System.nanoTime() + this.timeout.toNanos();
		Row refusedBy = this.calls.call((gate) -> {
			try (Connection connection = this.dataSource.getConnection()) {
				gate.pass();
				return announce(connection, fence, end);
			}
			catch (SQLException ex) {
				throw failure("announce " + fence, ex);
			}
		}, this.timeout);
		if (refusedBy != null) {
			throw refused(fence, refusedBy);
		}
	}

	/**
	 * Tries again as long as others change the row at the same time.
	 * @return the row that is in the way, if there is one
	 */
	private @Nullable Row announce(Connection connection, Fence fence, long end) throws SQLException {
		boolean manual = !connection.getAutoCommit();
		if (manual) {
			connection.setAutoCommit(true);
		}
		try {
			while (true) {
				try {
					return fence.isExclusive() ? advance(connection, fence) : lookBehind(connection, fence);
				}
				catch (SQLException ex) {
					boolean passing = isConflict(ex) || isDuplicate(ex);
					if (!passing || end - System.nanoTime() <= PAUSE_AFTER_CONFLICT_NANOS) {
						throw ex;
					}
					LockSupport.parkNanos(PAUSE_AFTER_CONFLICT_NANOS);
				}
			}
		}
		finally {
			if (manual) {
				connection.setAutoCommit(false);
			}
		}
	}

	private @Nullable Row advance(Connection connection, Fence fence) throws SQLException {
		int changed = update(connection,
				"UPDATE " + this.table
						+ " SET token = ?, owner = ? WHERE res = ? AND (token < ? OR (token = ? AND owner = ?))",
				fence.token(), fence.owner(), name(fence), fence.token(), fence.token(), fence.owner());
		if (changed > 0) {
			return null;
		}
		Row row = read(connection, fence, "");
		if (row == null) {
			insert(connection, fence, fence.token(), fence.owner());
			return null;
		}
		// Some drivers don't count a row that has had these values before.
		return row.shows(fence) ? null : row;
	}

	/** There must be a row, so that a commit has something to lock. */
	private @Nullable Row lookBehind(Connection connection, Fence fence) throws SQLException {
		Row row = read(connection, fence, "");
		if (row == null) {
			insert(connection, fence, 0, NOBODY);
			return null;
		}
		return row.lets(fence) ? null : row;
	}

	private void insert(Connection connection, Fence fence, long token, String owner) throws SQLException {
		update(connection, "INSERT INTO " + this.table + " (res, token, owner) VALUES (?, ?, ?)", name(fence), token,
				owner);
	}

	/**
	 * Verifies in the transaction that this thread is about to commit, if it is one of
	 * the guarded DataSource.
	 */
	void verify(Fence fence) {
		if (!TransactionSynchronizationManager.hasResource(this.dataSource)) {
			return;
		}
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			Row row = read(connection, fence, " FOR UPDATE");
			if (row == null) {
				throw new FencedOutException(fence, 0,
						"its row in " + this.table + " is missing, though it was there when it was announced. Was the "
								+ "database put back, or the table emptied?",
						null);
			}
			if (!row.lets(fence)) {
				throw refused(fence, row);
			}
		}
		catch (SQLException ex) {
			if (isConflict(ex)) {
				throw new FencedOutException(fence, 0, "its row in " + this.table
						+ " has changed since the transaction began, or is locked: " + ex.getMessage(), ex);
			}
			throw failure("verify " + fence + "; its transaction is rolled back", ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
		}
	}

	private static FencedOutException refused(Fence fence, Row row) {
		String reason;
		if (row.token() > fence.token()) {
			reason = "a later holder has announced token " + row.token()
					+ ". If nobody else holds it, the store of the lease has lost its last token, by a restart without"
					+ " its data or a fail-over, and is let through again as soon as its tokens have passed this one";
		}
		else if (row.token() == fence.token()) {
			reason = "another holder has announced the same token. The store of the lease has given it out twice, by a "
					+ "fail-over or a restart without its data";
		}
		else {
			reason = "the guard shows token " + row.token()
					+ ", which is from before its own announcement. Was the database put back?";
		}
		return new FencedOutException(fence, row.token(), reason, null);
	}

	private @Nullable Row read(Connection connection, Fence fence, String locking) throws SQLException {
		try (PreparedStatement statement = prepare(connection,
				"SELECT token, owner FROM " + this.table + " WHERE res = ?" + locking, name(fence));
				ResultSet rows = statement.executeQuery()) {
			return rows.next() ? new Row(rows.getLong(1), rows.getString(2)) : null;
		}
	}

	private int update(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(connection, sql, parameters)) {
			return statement.executeUpdate();
		}
	}

	private PreparedStatement prepare(Connection connection, String sql, Object... parameters) throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		try {
			// Or it would stand behind the lock of a paused transaction for ever.
			statement.setQueryTimeout((int) Math.max(1, (this.timeout.toMillis() + 999) / 1_000));
			for (int i = 0; i < parameters.length; i++) {
				statement.setObject(i + 1, parameters[i]);
			}
			return statement;
		}
		catch (SQLException ex) {
			statement.close();
			throw ex;
		}
	}

	private LeaseStoreException failure(String what, SQLException ex) {
		String state = String.valueOf(ex.getSQLState());
		if (state.startsWith("42")) {
			return new LeaseStoreException("The guard can't " + what + ": " + ex.getMessage() + ". If its table '"
					+ this.table + "' is missing, create it with the DDL in io/concord/lease/guard on the class path, "
					+ "or let concord.jdbc.initialize-schema do so.", ex);
		}
		return new LeaseOutcomeUnknownException("The guard could not " + what + ": " + ex.getMessage(), ex);
	}

	/** Serialization failures, deadlocks, and rows that changed since the snapshot. */
	private static boolean isConflict(SQLException ex) {
		String state = String.valueOf(ex.getSQLState());
		return state.startsWith("40") || state.equals("90131") || ex.getErrorCode() == CHANGED_SINCE_SNAPSHOT;
	}

	private static boolean isDuplicate(SQLException ex) {
		return String.valueOf(ex.getSQLState()).startsWith("23");
	}

	private String name(Fence fence) {
		return this.namespace + ResourceNames.encode(fence.resource());
	}

	/**
	 * Ends the guard's threads. Calls that are under way go on.
	 */
	@Override
	public void close() {
		this.calls.close();
	}

	/**
	 * What the guard has of a resource.
	 *
	 * @param token greatest token that was announced
	 * @param owner who announced it
	 */
	private record Row(long token, String owner) {

		boolean shows(Fence fence) {
			return this.token == fence.token() && this.owner.equals(fence.owner());
		}

		boolean lets(Fence fence) {
			return fence.isExclusive() ? shows(fence) : this.token < fence.token();
		}

	}

	/** Equal for the same guard and grant. */
	private record Verification(FencingGuard guard, Fence fence) implements CommitChecks.CommitCheck {

		@Override
		public void beforeCommit() {
			this.guard.verify(this.fence);
		}

	}

	/**
	 * Describes a guard. Not thread-safe.
	 */
	public static final class Builder {

		private final DataSource dataSource;

		private final CommitChecks commitChecks;

		private String namespace = "application";

		private String tablePrefix = DEFAULT_TABLE_PREFIX;

		private Duration timeout = DEFAULT_TIMEOUT;

		private Builder(DataSource dataSource, CommitChecks commitChecks) {
			this.dataSource = unwrap(dataSource);
			this.commitChecks = Objects.requireNonNull(commitChecks, "commitChecks");
		}

		/** Transaction managers bind their connections to what is behind such a proxy. */
		private static DataSource unwrap(DataSource dataSource) {
			DataSource target = (dataSource instanceof TransactionAwareDataSourceProxy proxy)
					? proxy.getTargetDataSource() : null;
			return (target != null) ? target : dataSource;
		}

		/**
		 * Sets what separates applications in the same table. Those that share locks
		 * share the namespace.
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
		 * Sets how the name of the table begins.
		 * @param tablePrefix an identifier, after a schema and a dot if need be; default
		 * {@link FencingGuard#DEFAULT_TABLE_PREFIX}
		 * @return this builder
		 * @throws IllegalArgumentException if it is no plain identifier
		 */
		public Builder tablePrefix(String tablePrefix) {
			if (!PREFIX.matcher(tablePrefix).matches()) {
				throw new IllegalArgumentException("'" + tablePrefix
						+ "' can't begin the name of a table. It must be 1 to 30 letters, digits and underscores, "
						+ "beginning with a letter, after a schema and a dot if need be, such as '"
						+ DEFAULT_TABLE_PREFIX + "' or 'app." + DEFAULT_TABLE_PREFIX + "'.");
			}
			this.tablePrefix = tablePrefix;
			return this;
		}

		/**
		 * Sets how long a call to the database may take. A new holder waits no longer for
		 * one that has paused in the middle of its commit.
		 * @param timeout positive; default {@link FencingGuard#DEFAULT_TIMEOUT}
		 * @return this builder
		 */
		public Builder timeout(Duration timeout) {
			if (timeout.isNegative() || timeout.isZero()) {
				throw new IllegalArgumentException("The time-out must be positive, not " + timeout);
			}
			this.timeout = timeout;
			return this;
		}

		/**
		 * Builds the guard. Doesn't ask the database.
		 * @return a new guard, to be closed
		 */
		public FencingGuard build() {
			return new FencingGuard(this);
		}

	}

}
