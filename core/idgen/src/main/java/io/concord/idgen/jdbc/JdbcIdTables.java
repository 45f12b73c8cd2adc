package io.concord.idgen.jdbc;

import java.util.Map;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.ResourceNames;
import io.concord.lease.jdbc.JdbcCalls;
import io.concord.lease.jdbc.JdbcDatabase;
import io.concord.lease.jdbc.Sql;

/**
 * The tables in which a database keeps what ids need, and the stores on them. The DDL
 * lies at {@link #schemaLocation}. Immutable and thread-safe.
 */
public final class JdbcIdTables {

	/** Beginning of the names of the tables. */
	public static final String DEFAULT_TABLE_PREFIX = "concord_";

	private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

	private static final String SCHEMAS = "io/concord/idgen/jdbc";

	/** Calls of one store under way at once; each needs a connection for a moment. */
	private static final int MAX_THREADS = 4;

	private final JdbcDatabase database;

	private final IdDialect dialect;

	private final Sql sql;

	private final String namespace;

	/**
	 * Describes the tables of a database. Asks it for its kind.
	 * @param dataSource gives the connections; not closed by the stores
	 * @param namespace separates applications in the same tables: 1 to 64 of
	 * {@code A-Z a-z 0-9 . _ -}
	 * @param tablePrefix how the names of the tables begin: an identifier, after a schema
	 * and a dot if need be
	 * @throws IllegalArgumentException if the namespace has other characters, the prefix
	 * is no plain identifier, or the database is of no known kind
	 * @throws io.concord.lease.LeaseStoreException if the database can't be asked
	 */
	public JdbcIdTables(DataSource dataSource, String namespace, String tablePrefix) {
		if (!NAMESPACE.matcher(namespace).matches()) {
			throw new IllegalArgumentException(
					"A namespace is 1 to 64 of the characters A-Z a-z 0-9 . _ - and not '" + namespace + "'");
		}
		JdbcDatabase.checkTablePrefix(tablePrefix);
		this.database = JdbcDatabase.of(dataSource);
		this.dialect = IdDialect.of(this.database.dialect());
		String integer = (this.dialect == IdDialect.INNODB) ? "SIGNED" : "INTEGER";
		this.sql = new Sql(this.database.dialect(),
				Map.of("integer", integer, "worker", tablePrefix + "worker", "layout", tablePrefix + "worker_layout",
						"counter", tablePrefix + "id_counter", "now", this.dialect.millis(this.database.dialect())));
		this.namespace = namespace + "/";
	}

	/**
	 * Returns where the DDL for a database lies on the class path, written with
	 * {@link #DEFAULT_TABLE_PREFIX}.
	 * @param dataSource the database; is asked for its kind
	 * @return such as {@code io/concord/idgen/jdbc/schema-h2.sql}
	 * @throws IllegalArgumentException if the database is of no known kind
	 * @throws io.concord.lease.LeaseStoreException if it can't be asked
	 */
	public static String schemaLocation(DataSource dataSource) {
		return JdbcDatabase.of(dataSource).schemaLocation(SCHEMAS);
	}

	/**
	 * Creates a store of worker ids.
	 * @return a new store, to be closed
	 */
	public WorkerIdStore workers() {
		return new JdbcWorkerIdStore(this);
	}

	/**
	 * Creates a store of segments. A counter of the same name in {@link #sequences()} is
	 * the same.
	 * @return a new store, to be closed
	 */
	public SegmentStore segments() {
		return new JdbcSegmentStore(this);
	}

	/**
	 * Creates a store of sequences. A counter of the same name in {@link #segments()} is
	 * the same.
	 * @return a new store, to be closed
	 */
	public SequenceStore sequences() {
		return new JdbcSequenceStore(this);
	}

	JdbcCalls calls(String name) {
		return new JdbcCalls(this.database, this.sql, SCHEMAS, name, MAX_THREADS);
	}

	IdDialect dialect() {
		return this.dialect;
	}

	/** What to append to an insert of a layout so that it does nothing if it is there. */
	String unlessPresent() {
		return switch (this.dialect) {
			case POSTGRESQL -> " ON CONFLICT DO NOTHING";
			case INNODB -> " ON DUPLICATE KEY UPDATE layout = layout";
			case H2 -> "";
		};
	}

	/** The key of a space or a counter. */
	String key(String name) {
		return this.namespace + ResourceNames.encode(name);
	}

}
