package io.concord.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;

/**
 * The contract on H2.
 */
public class JdbcLeaseStoreTests extends LeaseStoreContract {

	private static final AtomicInteger databases = new AtomicInteger();

	private final String database = "contract" + databases.incrementAndGet();

	private HikariDataSource dataSource;

	@BeforeEach
	void createDatabase() throws SQLException, IOException {
		Clocks.clocks.put(this.database, this.time::micros);
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:" + this.database);
		config.setMaximumPoolSize(10);
		this.dataSource = new HikariDataSource(config);
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement();
				InputStream schema = getClass().getClassLoader()
					.getResourceAsStream(JdbcLeaseStore.schemaLocation(this.dataSource))) {
			statement.execute(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
			statement.execute("CREATE ALIAS test_now FOR '" + Clocks.class.getName() + ".now'");
		}
	}

	@AfterEach
	void dropDatabase() {
		this.dataSource.close();
		Clocks.clocks.remove(this.database);
	}

	@Override
	protected LeaseStore newStore() {
		return JdbcLeaseStore.builder(this.dataSource).namespace("contract").build();
	}

	@Override
	protected LeaseStore newStoreOnFakeTime() {
		return JdbcLeaseStore.builder(this.dataSource)
			.namespace("contract")
			.now("test_now('" + this.database + "')")
			.build();
	}

	@Override
	protected long countStored() {
		try (Connection connection = this.dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement
					.executeQuery("SELECT (SELECT COUNT(*) FROM concord_lease WHERE res NOT LIKE '%#f%')"
							+ " + (SELECT COUNT(*) FROM concord_lease_waiter) + (SELECT COUNT(*) FROM concord_lease_holder)")) {
			rows.next();
			return rows.getLong(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	protected void passRetention(LeaseStore store) {
		this.time.pass(Duration.ofDays(1));
		store.sweep(TIMEOUT);
		store.sweep(TIMEOUT);
	}

	/** The clocks of the databases, for their function TEST_NOW; public for H2. */
	public static final class Clocks {

		private static final Map<String, LongSupplier> clocks = new ConcurrentHashMap<>();

		private Clocks() {
		}

		public static long now(String database) {
			return Objects.requireNonNull(clocks.get(database)).getAsLong();
		}

	}

}
