package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import io.concord.lease.LeaseStoreException;

/**
 * A database that stores keep their tables in.
 *
 * @param dataSource gives the connections; not closed by stores
 * @param dialect what is special about its kind
 * @param description kind and address, for messages; no secrets
 */
public record JdbcDatabase(DataSource dataSource, JdbcDialect dialect, String description) {

	/**
	 * Asks a database for its kind.
	 * @param dataSource gives the connections
	 * @return the database
	 * @throws IllegalArgumentException if it is of no known kind, or too old
	 * @throws LeaseStoreException if it can't be asked
	 */
	public static JdbcDatabase of(DataSource dataSource) {
		try (Connection connection = dataSource.getConnection()) {
			String url = String.valueOf(connection.getMetaData().getURL());
			return new JdbcDatabase(dataSource, JdbcDialect.of(connection), "jdbc (" + withoutSecrets(url) + ")");
		}
		catch (SQLException ex) {
			throw new LeaseStoreException("The database can't be asked for its kind: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Checks what the names of tables are to begin with: they stand in statements as they
	 * are, so it must be a plain identifier.
	 * @param prefix an identifier, after a schema and a dot if need be
	 * @throws IllegalArgumentException if it is none
	 */
	public static void checkTablePrefix(String prefix) {
		TableNames.check(prefix);
	}

	/**
	 * Returns where the DDL for this kind of database lies on the class path.
	 * @param folder the folder, such as {@code io/concord/lease/jdbc}
	 * @return such as {@code io/concord/lease/jdbc/schema-h2.sql}
	 */
	public String schemaLocation(String folder) {
		return folder + "/schema-" + this.dialect.id() + ".sql";
	}

	/**
	 * Without what follows the database's name, and without a user before the host's:
	 * either can hold a password.
	 */
	private static String withoutSecrets(String url) {
		return url.split("[;?(]", 2)[0].replaceFirst("//[^/]*@", "//");
	}

}
