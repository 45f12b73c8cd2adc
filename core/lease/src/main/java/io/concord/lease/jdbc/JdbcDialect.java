package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * What differs between databases: the statements that claim and renew, the clock, and
 * which errors pass by themselves.
 *
 * <p>
 * Where a statement that claims has to wait for the row, it may go by the time before the
 * wait: that only makes other leases look longer and its own shorter. Thread-safe.
 */
public abstract class JdbcDialect {

	private static final Pattern VERSION = Pattern.compile("(\\d+)(?:\\.(\\d+))?");

	/** What servers of MariaDB put in front, for clients that know MySQL only. */
	private static final String MARIADB_MASK = "5.5.5-";

	private final String product;

	private final int major;

	private final int minor;

	private final String now;

	/**
	 * Describes a database.
	 * @param product its name
	 * @param major oldest version, with {@code minor}
	 * @param now its clock as an expression: µs since 1970 UTC, whatever the session's
	 * time zone
	 */
	JdbcDialect(String product, int major, int minor, String now) {
		this.product = product;
		this.major = major;
		this.minor = minor;
		this.now = now;
	}

	private static List<JdbcDialect> all() {
		return List.of(new H2Dialect(), new PostgreSqlDialect(), InnoDbDialect.mariaDb(), InnoDbDialect.mySql());
	}

	/**
	 * Finds the dialect of a database.
	 * @throws IllegalArgumentException if it is none that is known, or too old
	 */
	static JdbcDialect of(Connection connection) throws SQLException {
		DatabaseMetaData database = connection.getMetaData();
		String version = String.valueOf(database.getDatabaseProductVersion());
		String name = String.valueOf(database.getDatabaseProductName());
		// MySQL's driver takes every server for one of MySQL.
		String product = version.toLowerCase(Locale.ROOT).contains("mariadb") ? "MariaDB" : name;
		for (JdbcDialect dialect : all()) {
			if (dialect.product.equalsIgnoreCase(product)) {
				if (dialect.isTooOld(version)) {
					throw new IllegalArgumentException(
							"Nothing can be kept in " + dialect.product + " " + version + ". " + known());
				}
				return dialect;
			}
		}
		throw new IllegalArgumentException("Nothing can be kept in a database of the kind '" + name + "'. " + known());
	}

	private boolean isTooOld(String version) {
		Matcher numbers = VERSION
			.matcher(version.startsWith(MARIADB_MASK) ? version.substring(MARIADB_MASK.length()) : version);
		if (!numbers.find()) {
			return false;
		}
		int foundMajor = Integer.parseInt(numbers.group(1));
		int foundMinor = (numbers.group(2) != null) ? Integer.parseInt(numbers.group(2)) : 0;
		return foundMajor < this.major || (foundMajor == this.major && foundMinor < this.minor);
	}

	private static String known() {
		return "This version of Concord knows: "
				+ all().stream()
					.map((dialect) -> dialect.product + " from " + dialect.major + "." + dialect.minor + " on")
					.collect(Collectors.joining(", "))
				+ ". Use one of them through another DataSource, or another backend.";
	}

	/**
	 * Returns what kind of database it is, as in the name of the file with the DDL.
	 * @return {@code h2}, {@code postgresql}, {@code mariadb} or {@code mysql}
	 */
	public final String id() {
		return this.product.toLowerCase(Locale.ROOT);
	}

	/**
	 * Returns its clock.
	 * @return an expression: µs since 1970 UTC, whatever the session's time zone
	 */
	public final String now() {
		return this.now;
	}

	/** The token in a row of the table of leases, zero without the row. */
	String floor(String table, String row) {
		return "COALESCE((SELECT f.token FROM " + table + " f WHERE f.res = '" + row + "'), 0)";
	}

	/**
	 * One autocommit statement that claims a name if nobody waits for it. It gives the
	 * token if the claim was granted.
	 */
	abstract String claim();

	/** The parameters of {@link #claim()}, in their order; the TTL in µs. */
	Object[] claimParameters(String name, String owner, long ttl) {
		return new Object[] { name, owner, ttl };
	}

	/**
	 * One autocommit statement that renews a lease. Parameters: TTL in µs, name, owner.
	 * It gives the token if the lease was there.
	 */
	abstract String renew();

	/**
	 * Whether {@link #claim()} and {@link #renew()} give the token as a generated key,
	 * not as a row.
	 */
	boolean isTokenKey() {
		return false;
	}

	/**
	 * What to append to an insert so that it does nothing if the row is there. Without
	 * it, the insert fails with a conflict.
	 */
	String unlessPresent() {
		return "";
	}

	/**
	 * The channel of {@code pg_notify} and LISTEN that an engine is told of offers by.
	 * @return null if there are none, or the engine's name can't be that of a channel
	 */
	@Nullable String channel(String engine) {
		return null;
	}

	/**
	 * Whether a statement and an answer of the network can be given a time-out that does
	 * not stay with the connection.
	 */
	boolean takesTimeouts() {
		return true;
	}

	/**
	 * Whether a second try may solve it: a serialization failure, a deadlock, the
	 * time-out of a lock, a row that another has just inserted or changed. The database
	 * has done nothing.
	 */
	abstract boolean isConflict(SQLException ex);

	/**
	 * Whether the database says that it has not done what it was asked: a conflict, or
	 * data, a statement, a right or a table that is wrong. Whatever else fails may have
	 * been done.
	 */
	boolean isRefusal(SQLException ex) {
		String state = state(ex);
		return isConflict(ex) || state.startsWith("22") || state.startsWith("23") || state.startsWith("42");
	}

	boolean isMissingTable(SQLException ex) {
		return state(ex).startsWith("42S0");
	}

	static String state(SQLException ex) {
		return String.valueOf(ex.getSQLState());
	}

}
