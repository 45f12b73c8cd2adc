package io.concord.lease.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statements on the tables of one store. In a template {@code ${lease}},
 * {@code ${waiter}} and {@code ${holder}} stand for the tables, {@code ${now}} for the
 * clock of the database and {@code ${floor}} for the token that all idle names that were
 * swept away had at most. Everything else that varies is a parameter.
 */
final class Sql {

	private final JdbcDialect dialect;

	private final TableNames tables;

	private final String now;

	private final String floor;

	private final boolean notifies;

	private final Map<String, String> completed = new ConcurrentHashMap<>();

	/**
	 * Creates a way to the tables.
	 * @param now the clock of the database as an expression
	 * @param floorRow name of the row that keeps the floor, safe inside quotes
	 * @param notifies whether to tell other engines of offers
	 */
	Sql(JdbcDialect dialect, TableNames tables, String now, String floorRow, boolean notifies) {
		this.dialect = dialect;
		this.tables = tables;
		this.now = now;
		this.floor = dialect.floor(tables.lease(), floorRow);
		this.notifies = notifies;
	}

	JdbcDialect dialect() {
		return this.dialect;
	}

	boolean notifies() {
		return this.notifies;
	}

	String complete(String template) {
		return this.completed.computeIfAbsent(template, this::replace);
	}

	private String replace(String template) {
		return template.replace("${lease}", this.tables.lease())
			.replace("${waiter}", this.tables.waiter())
			.replace("${holder}", this.tables.holder())
			.replace("${floor}", this.floor)
			.replace("${now}", this.now);
	}

}
