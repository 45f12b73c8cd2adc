package io.concord.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

/**
 * The tables of a database, from its DDL.
 */
public final class JdbcTables {

	private JdbcTables() {
	}

	/**
	 * Creates what is missing, and empties the rest.
	 * @param prefix what the names of the tables begin with
	 */
	public static void createEmpty(DataSource dataSource, String prefix) throws SQLException {
		createEmpty(dataSource, JdbcLeaseStore.schemaLocation(dataSource), prefix, "lease", "lease_waiter",
				"lease_holder");
	}

	/**
	 * Creates what is missing, and empties the rest.
	 * @param location of the DDL on the class path
	 * @param prefix what the names of the tables begin with
	 * @param tables their names without it
	 */
	public static void createEmpty(DataSource dataSource, String location, String prefix, String... tables)
			throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			String script = script(location).replaceAll("--[^\n]*", "")
				.replace(JdbcLeaseStore.DEFAULT_TABLE_PREFIX, prefix);
			for (String create : script.split(";")) {
				if (!create.isBlank()) {
					statement.execute(create);
				}
			}
			for (String table : tables) {
				statement.execute("DELETE FROM " + prefix + table);
			}
		}
	}

	private static String script(String location) {
		try (InputStream script = JdbcLeaseStore.class.getClassLoader().getResourceAsStream(location)) {
			return new String(script.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
