package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseStoreException;

/**
 * Runs the statements of one call, on its connection and until the end of its time: no
 * statement begins after it, for nobody waits for the answer, and one that is under way
 * is cancelled in the second that follows. Templates are those of {@link Sql}. Used by
 * one thread.
 */
public final class Statements {

	private final Sql sql;

	private final Connection connection;

	/** On {@link System#nanoTime()}. */
	private final long end;

	Statements(Sql sql, Connection connection, long end) {
		this.sql = sql;
		this.connection = connection;
		this.end = end;
	}

	JdbcDialect dialect() {
		return this.sql.dialect();
	}

	/** The channel to notify an engine by, if that is wanted and possible. */
	@Nullable String channel(String engine) {
		return this.sql.notifies() ? dialect().channel(engine) : null;
	}

	Connection connection() {
		return this.connection;
	}

	long nanosLeft() {
		return this.end - System.nanoTime();
	}

	/**
	 * Changes rows.
	 * @param template the statement
	 * @param parameters its parameters
	 * @return how many
	 * @throws SQLException if the database failed
	 */
	public int update(String template, @Nullable Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(template, false, parameters)) {
			return statement.executeUpdate();
		}
	}

	/**
	 * Reads the first row of what a statement gives.
	 * @param <T> what a row is read into
	 * @param template the statement
	 * @param reader reads a row
	 * @param parameters its parameters
	 * @return the first row; null if there is none
	 * @throws SQLException if the database failed
	 */
	public <T> @Nullable T first(String template, RowReader<T> reader, @Nullable Object... parameters)
			throws SQLException {
		try (PreparedStatement statement = prepare(template, false, parameters);
				ResultSet rows = statement.executeQuery()) {
			return rows.next() ? reader.read(rows) : null;
		}
	}

	/**
	 * Reads all rows of what a statement gives.
	 * @param <T> what a row is read into
	 * @param template the statement
	 * @param reader reads a row
	 * @param parameters its parameters
	 * @return the rows in their order
	 * @throws SQLException if the database failed
	 */
	public <T> List<T> all(String template, RowReader<T> reader, @Nullable Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(template, false, parameters);
				ResultSet rows = statement.executeQuery()) {
			List<T> all = new ArrayList<>();
			while (rows.next()) {
				all.add(reader.read(rows));
			}
			return all;
		}
	}

	/**
	 * Runs a statement that gives a token.
	 * @return the token, or null if it gives none
	 */
	@Nullable Long token(String template, @Nullable Object... parameters) throws SQLException {
		if (!dialect().isTokenKey()) {
			return first(template, (row) -> row.getLong(1), parameters);
		}
		return key(template, parameters);
	}

	/**
	 * Runs a statement of MariaDB or MySQL that sets {@code LAST_INSERT_ID}, which comes
	 * with its answer.
	 * @param template the statement
	 * @param parameters its parameters
	 * @return what it has set; null if that is not above zero
	 * @throws SQLException if the database failed
	 */
	public @Nullable Long key(String template, @Nullable Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(template, true, parameters)) {
			statement.executeUpdate();
			try (ResultSet keys = statement.getGeneratedKeys()) {
				long token = keys.next() ? keys.getLong(1) : 0;
				return (token > 0) ? token : null;
			}
		}
	}

	private PreparedStatement prepare(String template, boolean keys, @Nullable Object[] parameters)
			throws SQLException {
		long left = nanosLeft();
		if (left <= 0) {
			throw new LeaseStoreException(
					"The database is too slow: the time for the call was over before its next statement");
		}
		String statementText = this.sql.complete(template);
		PreparedStatement statement = keys
				? this.connection.prepareStatement(statementText, Statement.RETURN_GENERATED_KEYS)
				: this.connection.prepareStatement(statementText);
		try {
			if (dialect().takesTimeouts()) {
				statement.setQueryTimeout((int) TimeUnit.NANOSECONDS.toSeconds(left) + 1);
			}
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

	/**
	 * Reads the row on which a result stands.
	 *
	 * @param <T> what it is read into
	 */
	public interface RowReader<T> {

		/**
		 * Reads it.
		 * @param row stands on the row
		 * @return what was read
		 * @throws SQLException if the database failed
		 */
		T read(ResultSet row) throws SQLException;

	}

}
