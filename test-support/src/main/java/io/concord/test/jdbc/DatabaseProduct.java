package io.concord.test.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

import io.concord.test.server.ServerKind;

/**
 * What test support must know of a database product to connect to it.
 *
 * @param kind the kind of server
 * @param scheme what its JDBC URLs begin with
 * @param driver Maven coordinates of its JDBC driver
 * @param adminDatabase the database to connect to before there is another, or nothing
 * @param dropClause what follows the name when a database is dropped, or nothing
 * @param timeouts connection properties of the driver by which no call hangs
 */
public record DatabaseProduct(ServerKind kind, String scheme, String driver, String adminDatabase, String dropClause,
		Map<String, String> timeouts) {

	/**
	 * Create a description.
	 */
	public DatabaseProduct {
		timeouts = Map.copyOf(timeouts);
	}

	/**
	 * Connect to a server by {@link DriverManager}.
	 * @param address where it is
	 * @return the connection, to be closed by the caller
	 * @throws SQLException if there is no driver or the server does not answer
	 */
	public Connection connect(DatabaseAddress address) throws SQLException {
		String url = address.url(this.scheme, this.adminDatabase);
		try {
			DriverManager.getDriver(url);
		}
		catch (SQLException ex) {
			throw new SQLException(
					"the class path has no JDBC driver for " + this.kind.title() + "; add " + this.driver, ex);
		}
		Properties properties = new Properties();
		properties.putAll(this.timeouts);
		properties.setProperty("user", address.username());
		properties.setProperty("password", address.password());
		return DriverManager.getConnection(url, properties);
	}

	String dropStatement(String database) {
		return "DROP DATABASE IF EXISTS " + database + this.dropClause;
	}

}
