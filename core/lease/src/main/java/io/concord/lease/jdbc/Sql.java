package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * Runs statements on the tables of one store. In a template {@code ${lease}} and
 * {@code ${waiter}} stand for the tables, {@code ${now}} for the clock of the database
 * and {@code ${floor}} for the token that all idle names that were swept away had at
 * most. Everything else that varies is a parameter.
 */
final class Sql {

	private final JdbcDialect dialect;

	private final TableNames tables;

	private final String now;

	private final String floor;

	private final Map<String, String> completed = new ConcurrentHashMap<>();

	/**
	 * Creates a way to the tables.
	 * @param now the clock of the database as an expression
	 * @param floorRow name of the row that keeps the floor, safe inside quotes
	 */
	Sql(JdbcDialect dialect, TableNames tables, String now, String floorRow) {
		this.dialect = dialect;
		this.tables = tables;
		this.now = now;
		this.floor = "COALESCE((SELECT f.token FROM " + tables.lease() + " f WHERE f.res = '" + floorRow + "'), 0)";
	}

	JdbcDialect dialect() {
		return this.dialect;
	}

	int update(Connection connection, String template, @Nullable Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(connection, template, parameters)) {
			return statement.executeUpdate();
		}
	}

	<T> @Nullable T first(Connection connection, String template, RowReader<T> reader, @Nullable Object... parameters)
			throws SQLException {
		try (PreparedStatement statement = prepare(connection, template, parameters);
				ResultSet rows = statement.executeQuery()) {
			return rows.next() ? reader.read(rows) : null;
		}
	}

	<T> List<T> all(Connection connection, String template, RowReader<T> reader, @Nullable Object... parameters)
			throws SQLException {
		try (PreparedStatement statement = prepare(connection, template, parameters);
				ResultSet rows = statement.executeQuery()) {
			List<T> all = new ArrayList<>();
			while (rows.next()) {
				all.add(reader.read(rows));
			}
			return all;
		}
	}

	private PreparedStatement prepare(Connection connection, String template, @Nullable Object... parameters)
			throws SQLException {
		PreparedStatement statement = connection
			.prepareStatement(this.completed.computeIfAbsent(template, this::complete));
		try {
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

	private String complete(String template) {
		return template.replace("${lease}", this.tables.lease())
			.replace("${waiter}", this.tables.waiter())
			.replace("${floor}", this.floor)
			.replace("${now}", this.now);
	}

	/** Reads the row on which a result stands. */
	interface RowReader<T> {

		T read(ResultSet row) throws SQLException;

	}

}
