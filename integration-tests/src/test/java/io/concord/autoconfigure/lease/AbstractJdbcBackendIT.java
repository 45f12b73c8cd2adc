package io.concord.autoconfigure.lease;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStoreException;
import io.concord.test.jdbc.DatabaseServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The JDBC backend as an application configures it, on a real server.
 */
abstract class AbstractJdbcBackendIT {

	final DatabaseServer server;

	private String url;

	AbstractJdbcBackendIT(DatabaseServer server) {
		this.server = server;
	}

	/** Creates a user concord_guest who may do nothing, with the password guest. */
	abstract void createGuest(Connection connection) throws SQLException;

	@BeforeEach
	void createDatabase() {
		this.url = this.server.createDatabase("backend");
	}

	@AfterEach
	void dropSchema() throws SQLException {
		execute((connection) -> run(connection, "DROP SCHEMA IF EXISTS concord_other" + dropped()));
	}

	/** What goes on after DROP SCHEMA if tables are in it. */
	String dropped() {
		return "";
	}

	@Test
	void createsNothingOnAServerUnlessToldSo() {
		runner().run((context) -> assertThatExceptionOfType(LeaseStoreException.class)
			.isThrownBy(() -> acquireAndRelease(context))
			.withMessageContaining("concord.jdbc.initialize-schema"));
	}

	@Test
	void createsTablesAgainAndAgain() {
		for (int i = 0; i < 2; i++) {
			runner().withPropertyValues("concord.jdbc.initialize-schema=always").run(this::acquireAndRelease);
		}
		runner().run(this::acquireAndRelease);
	}

	@Test
	void createsTablesFromSeveralProcessesAtOnce() {
		int count = 6;
		CyclicBarrier barrier = new CyclicBarrier(count);
		CompletableFuture.allOf(Stream.generate(() -> CompletableFuture
			.runAsync(() -> runner().withPropertyValues("concord.jdbc.initialize-schema=always").run((context) -> {
				context.getBean(HikariDataSource.class).getConnection().close();
				barrier.await();
				acquireAndRelease(context);
			}), (task) -> new Thread(task).start())).limit(count).toArray(CompletableFuture<?>[]::new)).join();
	}

	@Test
	void createsTablesUnderAnotherPrefixInAnotherSchema() throws SQLException {
		execute((connection) -> run(connection, "CREATE SCHEMA concord_other"));
		runner()
			.withPropertyValues("concord.jdbc.initialize-schema=always",
					"concord.jdbc.table-prefix=concord_other.shop_")
			.run(this::acquireAndRelease);
		assertThat(count("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'concord_other'"
				+ " AND table_name IN ('shop_lease', 'shop_lease_waiter', 'shop_lease_holder')"))
			.isEqualTo(3);
		assertThat(count("SELECT COUNT(*) FROM concord_other.shop_lease WHERE res LIKE 'shop/demo%'")).isOne();
	}

	@Test
	void saysWhatToDoIfTablesCannotBeCreated() throws SQLException {
		execute(this::createGuest);
		runner()
			.withPropertyValues("concord.jdbc.initialize-schema=always", "spring.datasource.username=concord_guest",
					"spring.datasource.password=guest")
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> acquireAndRelease(context))
				.withMessageStartingWith("The tables of Concord could not be created: ")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("'concord.jdbc.initialize-schema=never'",
						"io/concord/lease/jdbc/schema-")));
	}

	final ApplicationContextRunner runner() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LeaseAutoConfiguration.class))
			.withPropertyValues("spring.application.name=shop", "spring.datasource.url=" + this.url,
					"spring.datasource.username=" + this.server.username(),
					"spring.datasource.password=" + this.server.password(),
					"spring.datasource.hikari.maximum-pool-size=4", "concord.store-timeout=10s");
	}

	final void acquireAndRelease(ApplicationContext context) {
		LeaseEngine engine = context.getBean(LeaseStores.class).engine("demo", null);
		Lease lease = engine.acquire(LeaseRequest.exclusive("demo", Duration.ofSeconds(30), Duration.ofSeconds(30)))
			.orElseThrow();
		assertThat(lease.release()).isEqualTo(Lease.ReleaseOutcome.RELEASED);
	}

	final void execute(Work work) throws SQLException {
		try (HikariDataSource dataSource = connect(); Connection connection = dataSource.getConnection()) {
			work.on(connection);
		}
	}

	static void run(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private long count(String sql) throws SQLException {
		try (HikariDataSource dataSource = connect();
				Connection connection = dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet rows = statement.executeQuery(sql)) {
			rows.next();
			return rows.getLong(1);
		}
	}

	private HikariDataSource connect() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.url);
		config.setUsername(this.server.username());
		config.setPassword(this.server.password());
		config.setMaximumPoolSize(1);
		return new HikariDataSource(config);
	}

	interface Work {

		void on(Connection connection) throws SQLException;

	}

}
