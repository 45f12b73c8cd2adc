package io.concord.ratelimit.jdbc;

import java.sql.SQLException;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import io.concord.lease.jdbc.JdbcTables;
import io.concord.ratelimit.RateLimitStore;

/**
 * A database with an empty table, for tests.
 */
public final class RateDatabase implements AutoCloseable {

	private final HikariDataSource dataSource;

	/**
	 * Connects and creates the table.
	 * @param url of the database
	 * @param settings user and password
	 */
	public RateDatabase(String url, Consumer<HikariConfig> settings) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setMaximumPoolSize(16);
		settings.accept(config);
		this.dataSource = new HikariDataSource(config);
		try {
			JdbcTables.createEmpty(this.dataSource, JdbcRateLimitStore.schemaLocation(this.dataSource),
					JdbcRateLimitStore.DEFAULT_TABLE_PREFIX, "rate");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	public HikariDataSource dataSource() {
		return this.dataSource;
	}

	public RateLimitStore store() {
		return new JdbcRateLimitStore(this.dataSource, "contract", JdbcRateLimitStore.DEFAULT_TABLE_PREFIX);
	}

	@Override
	public void close() {
		this.dataSource.close();
	}

}
