package io.concord.lease.jdbc;

import java.util.regex.Pattern;

/**
 * Names of the tables. They stand in statements as they are, so they are checked to be
 * plain identifiers.
 */
record TableNames(String lease, String waiter, String holder) {

	private static final Pattern PREFIX = Pattern.compile("([A-Za-z][A-Za-z0-9_]{0,29}\\.)?[A-Za-z][A-Za-z0-9_]{0,29}");

	static TableNames of(String prefix) {
		check(prefix);
		return new TableNames(prefix + "lease", prefix + "lease_waiter", prefix + "lease_holder");
	}

	static void check(String prefix) {
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException("'" + prefix
					+ "' can't begin the name of a table. It must be 1 to 30 letters,"
					+ " digits and underscores, beginning with a letter, after a schema and a dot if need be, such as '"
					+ JdbcLeaseStore.DEFAULT_TABLE_PREFIX + "' or 'app." + JdbcLeaseStore.DEFAULT_TABLE_PREFIX + "'.");
		}
	}

}
