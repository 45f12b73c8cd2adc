package io.concord.lease.guard;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The contract in a database of its own.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class AbstractFencingGuardIT extends FencingGuardContract {

	private final HikariDataSource dataSource;

	AbstractFencingGuardIT(String url, String username, String password) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(url);
		config.setUsername(username);
		config.setPassword(password);
		config.setMaximumPoolSize(16);
		config.setMinimumIdle(0);
		this.dataSource = new HikariDataSource(config);
	}

	@Override
	protected DataSource dataSource() {
		return this.dataSource;
	}

	@AfterAll
	void closeConnections() {
		this.dataSource.close();
	}

}
