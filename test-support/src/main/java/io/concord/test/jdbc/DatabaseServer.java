package io.concord.test.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.concord.test.server.ProcessServer;
import io.concord.test.server.ServerProcess;

/**
 * A running database server. Needs its JDBC driver on the class path. Thread-safe.
 */
public abstract class DatabaseServer extends ProcessServer {

	private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,40}");

	private final DatabaseProduct product;

	private final DatabaseAddress address;

	private final List<String> databases = new CopyOnWriteArrayList<>();

	/**
	 * Create a view of a server.
	 * @param product what it is
	 * @param address where it is
	 * @param process its process, or {@code null} if the tests did not start it as one
	 */
	protected DatabaseServer(DatabaseProduct product, DatabaseAddress address, @Nullable ServerProcess process) {
		super(address.host(), address.port(), process);
		this.product = product;
		this.address = address;
	}

	/**
	 * The user to connect as, who may do everything.
	 * @return the name of the user
	 */
	public final String username() {
		return this.address.username();
	}

	/**
	 * The password of the user.
	 * @return the password
	 */
	public final String password() {
		return this.address.password();
	}

	/**
	 * Create an empty database that no other test uses.
	 * @param prefix what its name begins with: small letters, digits and underscores, at
	 * most 41, a letter first
	 * @return the JDBC URL of the database, without user and password
	 * @throws IllegalStateException if it cannot be created
	 */
	public final String createDatabase(String prefix) {
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException("'" + prefix + "' does not match " + PREFIX);
		}
		String name = prefix + "_" + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
		execute("CREATE DATABASE " + name);
		this.databases.add(name);
		return this.address.url(this.product.scheme(), name);
	}

	@Override
	public final String version() {
		try (Connection connection = connect()) {
			return connection.getMetaData().getDatabaseProductVersion();
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Cannot read the version of " + this + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * Drop the databases that {@link #createDatabase(String)} has created, on a server
	 * that stays.
	 */
	final void dropDatabases() {
		List<String> dropped = new ArrayList<>(this.databases);
		dropped.forEach((name) -> execute(this.product.dropStatement(name)));
		this.databases.removeAll(dropped);
	}

	private void execute(String sql) {
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(sql + " failed on " + this + ": " + ex.getMessage(), ex);
		}
	}

	private Connection connect() throws SQLException {
		return this.product.connect(this.address);
	}

	@Override
	public final String toString() {
		return this.product.kind().title() + " at " + host() + ":" + port();
	}

}
