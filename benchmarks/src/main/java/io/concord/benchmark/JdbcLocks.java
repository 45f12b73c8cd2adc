package io.concord.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.locks.Lock;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import org.springframework.core.io.ClassPathResource;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcTransactionManager;

import io.concord.lease.jdbc.JdbcLeaseStore;

/**
 * Ways to lock on PostgreSQL, each with a pool of its own.
 */
final class JdbcLocks {

	/** Enough that no way waits for a connection; most are never made. */
	private static final int POOL_SIZE = 40;

	private static final String FLOOR_CLAIM = "INSERT INTO floor_lock AS f (name, owner, until) "
			+ "VALUES (?, ?, clock_timestamp() + interval '30 s') ON CONFLICT (name) DO UPDATE "
			+ "SET owner = EXCLUDED.owner, until = EXCLUDED.until WHERE f.owner IS NULL OR f.until <= clock_timestamp()";

	private static final String FLOOR_RELEASE = "UPDATE floor_lock SET owner = NULL WHERE name = ? AND owner = ?";

	private static final String SHED_LOCK_TABLE = "CREATE TABLE IF NOT EXISTS shedlock (name VARCHAR(64) PRIMARY KEY, "
			+ "lock_until TIMESTAMP NOT NULL, locked_at TIMESTAMP NOT NULL, locked_by VARCHAR(255) NOT NULL)";

	private static final String FLOOR_TABLE = "CREATE TABLE IF NOT EXISTS floor_lock "
			+ "(name VARCHAR(64) PRIMARY KEY, owner VARCHAR(64), until TIMESTAMPTZ NOT NULL) WITH (fillfactor = 50)";

	private JdbcLocks() {
	}

	/** Creates the tables of all ways. */
	static void createTables(Addresses addresses) {
		try (HikariDataSource pool = pool(addresses)) {
			new JdbcTemplate(pool).execute(SHED_LOCK_TABLE);
			new JdbcTemplate(pool).execute(FLOOR_TABLE);
			new ResourceDatabasePopulator(new ClassPathResource(JdbcLeaseStore.schemaLocation(pool)),
					new ClassPathResource("org/springframework/integration/jdbc/schema-postgresql.sql"))
				.execute(pool);
		}
	}

	static Locks concord(Addresses addresses, Wrapper wrapper) {
		return new ConcordLocks(JdbcLeaseStore.builder(wrapper.wrap(pool(addresses))).namespace("benchmark").build());
	}

	/** Two statements, each a transaction: no token, no line, no waiting. */
	static Locks statements(Addresses addresses, Wrapper wrapper) {
		DataSource source = wrapper.wrap(pool(addresses));
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				String owner = UUID.randomUUID().toString();
				return Locks.untilHeld(0,
						() -> update(FLOOR_CLAIM, key, owner) ? () -> update(FLOOR_RELEASE, key, owner) : null);
			}

			private boolean update(String sql, String key, String owner) throws SQLException {
				try (Connection connection = source.getConnection();
						PreparedStatement statement = connection.prepareStatement(sql)) {
					statement.setString(1, key);
					statement.setString(2, owner);
					return statement.executeUpdate() > 0;
				}
			}

		};
	}

	static Locks shedLock(Addresses addresses, Wrapper wrapper) {
		JdbcTemplateLockProvider provider = new JdbcTemplateLockProvider(
				JdbcTemplateLockProvider.Configuration.builder()
					.withJdbcTemplate(new JdbcTemplate(wrapper.wrap(pool(addresses))))
					.usingDbTime()
					.build());
		return new Locks() {

			@Override
			public Held acquire(String key) throws Exception {
				return Locks.untilHeld(RedisLocks.PAUSE_NANOS,
						() -> provider.lock(new LockConfiguration(Instant.now(), key, RedisLocks.LEASE, Duration.ZERO))
							.<Held>map((lock) -> lock::unlock)
							.orElse(null));
			}

		};
	}

	static Locks springIntegration(Addresses addresses, Wrapper wrapper) {
		JdbcLockRegistry registry = integrationRegistry(wrapper.wrap(pool(addresses)), RedisLocks.LEASE);
		return new Locks() {

			@Override
			public Held acquire(String key) {
				Lock lock = registry.obtain(key);
				lock.lock();
				return lock::unlock;
			}

		};
	}

	static JdbcLockRegistry integrationRegistry(DataSource source, Duration leaseTime) {
		DefaultLockRepository repository = new DefaultLockRepository(source);
		repository.setTransactionManager(new JdbcTransactionManager(source));
		repository.afterPropertiesSet();
		repository.afterSingletonsInstantiated();
		repository.start();
		return new JdbcLockRegistry(repository, leaseTime);
	}

	static HikariDataSource pool(Addresses addresses) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(Addresses.required(addresses.postgresUrl()));
		pool.setUsername(Addresses.required(addresses.postgresUser()));
		pool.setPassword(Addresses.required(addresses.postgresPassword()));
		pool.setMinimumIdle(2);
		pool.setMaximumPoolSize(POOL_SIZE);
		return pool;
	}

	/** What may stand between a way and its pool. */
	interface Wrapper {

		DataSource wrap(DataSource pool);

	}

}
