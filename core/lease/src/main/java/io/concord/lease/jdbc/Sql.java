package io.concord.lease.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statements on the tables of one store, as templates in which {@code ${name}} stands
 * for what is the same in all calls: a table, or the clock of the database. Everything
 * else that varies is a parameter. Thread-safe.
 */
public final class Sql {

	private final JdbcDialect dialect;

	private final Map<String, String> names;

	private final boolean notifies;

	private final Map<String, String> completed = new ConcurrentHashMap<>();

	/**
	 * Creates a way to the tables.
	 * @param dialect the kind of the database
	 * @param names what stands for a name; constants, no input of anybody
	 */
	public Sql(JdbcDialect dialect, Map<String, String> names) {
		this(dialect, names, false);
	}

	private Sql(JdbcDialect dialect, Map<String, String> names, boolean notifies) {
		this.dialect = dialect;
		this.names = Map.copyOf(names);
		this.notifies = notifies;
	}

	/**
	 * Creates a way to the tables of leases: {@code ${lease}}, {@code ${waiter}} and
	 * {@code ${holder}} stand for them, {@code ${now}} for the clock of the database and
	 * {@code ${floor}} for the token that all idle names that were swept away had at
	 * most.
	 * @param now the clock of the database as an expression
	 * @param floorRow name of the row that keeps the floor, safe inside quotes
	 * @param notifies whether to tell other engines of offers
	 */
	static Sql ofLeases(JdbcDialect dialect, TableNames tables, String now, String floorRow, boolean notifies) {
		return new Sql(dialect, Map.of("lease", tables.lease(), "waiter", tables.waiter(), "holder", tables.holder(),
				"floor", dialect.floor(tables.lease(), floorRow), "now", now), notifies);
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
		String statement = template;
		for (Map.Entry<String, String> name : this.names.entrySet()) {
			statement = statement.replace("${" + name.getKey() + "}", name.getValue());
		}
		return statement;
	}

}
