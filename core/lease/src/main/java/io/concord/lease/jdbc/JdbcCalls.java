package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.BoundedCalls;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;

/**
 * Makes calls to a database, each within its time-out: on a connection of its own, in
 * autocommit, never in the transaction of the caller, and on a thread of its own, as
 * neither a connection pool nor an embedded database can be bounded in time by the
 * caller. A call that meets a conflict is made again until its time is over. For stores.
 * Thread-safe.
 */
public final class JdbcCalls implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(JdbcCalls.class);

	private static final long LONGEST_PAUSE_AFTER_CONFLICT_NANOS = 4_000_000;

	/**
	 * By how much the network's time-out is longer than that of a statement, whose
	 * cancellation leaves the connection usable.
	 */
	private static final long NETWORK_GRACE_MS = 2_000;

	private static final String WANTED_CONNECTION = "a connection: the database can't be reached, or the connection"
			+ " pool is too small. A thread that asks for a lease or an id while it has a connection, as in a"
			+ " transaction of its own, needs a second one for a moment. Give the pool more connections, or ask before"
			+ " transactions begin.";

	private final JdbcDatabase database;

	private final Sql sql;

	private final String schemas;

	private final BoundedCalls calls;

	/**
	 * Creates a way to the database.
	 * @param database the database
	 * @param sql the statements
	 * @param schemas the folder of the class path in which the DDL of the tables lies,
	 * for messages
	 * @param name of the threads
	 * @param maxThreads how many calls may be under way at once
	 */
	public JdbcCalls(JdbcDatabase database, Sql sql, String schemas, String name, int maxThreads) {
		this.database = database;
		this.sql = sql;
		this.schemas = schemas;
		this.calls = new BoundedCalls(name, maxThreads);
	}

	/**
	 * Returns where the calls go, for messages.
	 * @return kind and address; no secrets
	 */
	public String describe() {
		return this.database.description();
	}

	/**
	 * Makes a call. What it does may be done again from its beginning, after a conflict
	 * that has undone it.
	 * @param <T> type of the answer
	 * @param timeout how long it may take
	 * @param work what to do
	 * @return what it returned
	 * @throws LeaseOutcomeUnknownException if the work may have been, or may yet be, done
	 * @throws LeaseStoreException if it was not done
	 */
	public <T> T call(Duration timeout, Work<T> work) {
		long end = System.nanoTime() + timeout.toNanos();
		return this.calls.call((gate) -> {
			gate.wants(WANTED_CONNECTION);
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
			return this.database.dataSource().getConnection();
		}
		catch (SQLException ex) {
			throw new LeaseStoreException("No connection to " + describe() + ": " + ex.getMessage(), ex);
		}
	}

	private <T> T onConnection(Connection connection, Work<T> work, long end) throws SQLException {
		Statements statements = new Statements(this.sql, connection, end);
		int networkTimeout = boundNetwork(statements);
		boolean manual = !connection.getAutoCommit();
		try {
			if (manual) {
				connection.setAutoCommit(true);
			}
			return repeatOnConflict(statements, work);
		}
		catch (SQLException ex) {
			if (!this.database.dialect().isRefusal(ex)) {
				// Nobody knows what it is still at.
				abort(connection);
			}
			throw ex;
		}
		finally {
			if (manual) {
				restore(connection, () -> connection.setAutoCommit(false));
			}
			if (networkTimeout >= 0) {
				restore(connection, () -> connection.setNetworkTimeout(Runnable::run, networkTimeout));
			}
		}
	}

	/**
	 * Sees to it that a thread does not read for ever from a server that has gone.
	 * @return the time-out of the connection before, or -1 if it stays
	 */
	private int boundNetwork(Statements statements) {
		if (!statements.dialect().takesTimeouts()) {
			return -1;
		}
		Connection connection = statements.connection();
		long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, statements.nanosLeft())) + NETWORK_GRACE_MS;
		try {
			int before = connection.getNetworkTimeout();
			if (before == 0 || before > millis) {
				connection.setNetworkTimeout(Runnable::run, (int) Math.min(Integer.MAX_VALUE, millis));
				return before;
			}
		}
		catch (SQLException | LinkageError ex) {
			logger.debug("The connections take no time-out", ex);
		}
		return -1;
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

	private <T> T repeatOnConflict(Statements statements, Work<T> work) throws SQLException {
		try {
			return work.on(statements);
		}
		catch (SQLException ex) {
			if (!pauseAfterConflict(statements, ex)) {
				throw ex;
			}
		}
		// At the isolation of others, a name that is hot could conflict for long.
		return readCommitted(statements.connection(), () -> {
			while (true) {
				try {
					return work.on(statements);
				}
				catch (SQLException ex) {
					if (!pauseAfterConflict(statements, ex)) {
						throw ex;
					}
				}
			}
		});
	}

	/**
	 * Pauses before another try.
	 * @return false if there can't be another
	 */
	private boolean pauseAfterConflict(Statements statements, SQLException ex) {
		if (!this.database.dialect().isConflict(ex)
				|| statements.nanosLeft() <= 2 * LONGEST_PAUSE_AFTER_CONFLICT_NANOS) {
			return false;
		}
		logger.debug("A conflict in {}, trying again", describe(), ex);
		// Not the same for all, or those who met meet again.
		LockSupport.parkNanos(ThreadLocalRandom.current()
			.nextLong(LONGEST_PAUSE_AFTER_CONFLICT_NANOS / 4, LONGEST_PAUSE_AFTER_CONFLICT_NANOS));
		return true;
	}

	/**
	 * Runs a step at READ COMMITTED, whatever the connection is at.
	 * @param <T> type of the result
	 * @param connection the connection of the call
	 * @param step what to run
	 * @return what the step returned
	 * @throws SQLException if the database failed
	 */
	<T> T readCommitted(Connection connection, Step<T> step) throws SQLException {
		int isolation = connection.getTransactionIsolation();
		if (isolation == Connection.TRANSACTION_READ_COMMITTED) {
			return step.run();
		}
		connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		try {
			return step.run();
		}
		finally {
			restore(connection, () -> connection.setTransactionIsolation(isolation));
		}
	}

	/**
	 * Runs a step in a transaction of its own at READ COMMITTED. The row that it locks
	 * stays locked while the process stands still in here. A snapshot from before the
	 * lock would show rows that are no more, hence the isolation.
	 * @param <T> type of the result
	 * @param statements those of the call
	 * @param step what to run
	 * @return what the step returned, after the commit
	 * @throws SQLException if the database failed; nothing was committed
	 * @throws LeaseOutcomeUnknownException if the commit may have been done
	 */
	public <T> T transaction(Statements statements, Step<T> step) throws SQLException {
		Connection connection = statements.connection();
		return readCommitted(connection, () -> inTransaction(connection, step));
	}

	private <T> T inTransaction(Connection connection, Step<T> step) throws SQLException {
		connection.setAutoCommit(false);
		T result;
		try {
			result = step.run();
		}
		catch (Throwable ex) {
			rollback(connection);
			throw ex;
		}
		try {
			connection.commit();
		}
		catch (SQLException ex) {
			rollback(connection);
			if (this.database.dialect().isConflict(ex)) {
				throw ex;
			}
			throw new LeaseOutcomeUnknownException("A commit in " + describe() + " failed: " + ex.getMessage(), ex);
		}
		restore(connection, () -> connection.setAutoCommit(true));
		return result;
	}

	/** To switch autocommit on would commit what could not be rolled back. */
	private void rollback(Connection connection) {
		restore(connection, () -> {
			connection.rollback();
			connection.setAutoCommit(true);
		});
	}

	private LeaseStoreException failure(SQLException ex) {
		String message = describe() + ": " + ex.getMessage();
		if (this.database.dialect().isMissingTable(ex)) {
			return new LeaseStoreException("A table is missing in " + message + ". Create it with the DDL at "
					+ this.database.schemaLocation(this.schemas)
					+ " on the class path, or let concord.jdbc.initialize-schema do so.", ex);
		}
		return this.database.dialect().isRefusal(ex) ? new LeaseStoreException(message, ex)
				: new LeaseOutcomeUnknownException(message, ex);
	}

	@Override
	public void close() {
		this.calls.close();
	}

	/**
	 * What a call does.
	 *
	 * @param <T> type of the answer
	 */
	public interface Work<T> {

		/**
		 * Does it.
		 * @param statements on the connection of the call
		 * @return the answer
		 * @throws SQLException if the database failed
		 */
		T on(Statements statements) throws SQLException;

	}

	/**
	 * A part of a call.
	 *
	 * @param <T> type of the result
	 */
	public interface Step<T> {

		/**
		 * Runs it.
		 * @return the result
		 * @throws SQLException if the database failed
		 */
		T run() throws SQLException;

	}

	private interface Restoration {

		void run() throws SQLException;

	}

}
