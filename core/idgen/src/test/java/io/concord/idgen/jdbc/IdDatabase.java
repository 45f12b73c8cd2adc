package io.concord.idgen.jdbc;

import java.sql.SQLException;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import io.concord.lease.jdbc.JdbcTables;

/**
 * A database with empty tables, for tests.
 */
public final class IdDatabase implements AutoCloseable {

	private static final String NAMESPACE = "contract";

	private final HikariDataSource dataSource;

	/**
	 * Connects and creates the tables.
	 * @param url of the database
	 * @param settings user and password
	 */
	public IdDatabase(String url, Consumer<HikariConfig> settings) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setMaximumPoolSize(16);
		settings.accept(config);
		this.dataSource = new HikariDataSource(config);
		try {
			JdbcTables.createEmpty(this.dataSource, JdbcIdTables.schemaLocation(this.dataSource),
					JdbcIdTables.DEFAULT_TABLE_PREFIX, "worker", "worker_layout", "id_counter");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Returns a database of H2 in memory. */
	public static IdDatabase h2(String name) {
		return new IdDatabase("jdbc:h2:mem:" + name, (config) -> {
		});
	}

	public DataSource dataSource() {
		return this.dataSource;
	}

	public JdbcIdTables tables() {
		return tables(this.dataSource);
	}

	public static JdbcIdTables tables(DataSource source) {
		return new JdbcIdTables(source, NAMESPACE, JdbcIdTables.DEFAULT_TABLE_PREFIX);
	}

	@Override
	public void close() {
		this.dataSource.close();
	}

}
