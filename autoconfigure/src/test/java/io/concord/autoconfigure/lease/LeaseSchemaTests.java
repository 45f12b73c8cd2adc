package io.concord.autoconfigure.lease;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import javax.sql.DataSource;

import liquibase.integration.spring.SpringLiquibase;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.ConcordProperties.Jdbc.InitializeSchema;
import io.concord.autoconfigure.InvalidConcordConfigurationException;
import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lease.jdbc.JdbcLeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.RETURNS_DEEP_STUBS;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.spy;

class LeaseSchemaTests {

	private static final List<String> TABLES = List.of("concord_lease", "concord_lease_holder", "concord_lease_waiter");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@Test
	void createsTablesInMemory() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).run((context) -> {
			open(context);
			assertThat(tables(dataSource)).containsAll(TABLES);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ";AUTO_SERVER=TRUE" })
	void createsTablesInFile(String options) {
		DataSource dataSource = h2("file:" + this.directory.resolve("shop") + options);
		runner(dataSource).run((context) -> {
			open(context);
			assertThat(tables(dataSource)).containsAll(TABLES);
		});
	}

	@Test
	void leavesServersAlone() throws SQLException {
		Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", this.directory.toString())
			.start();
		try {
			DataSource dataSource = h2("tcp://localhost:" + server.getPort() + "/./shop");
			runner(dataSource).run((context) -> {
				open(context);
				assertThat(tables(dataSource)).isEmpty();
			});
			runner(dataSource).withPropertyValues("concord.jdbc.initialize-schema=always").run((context) -> {
				open(context);
				assertThat(tables(dataSource)).containsAll(TABLES);
			});
		}
		finally {
			server.stop();
		}
	}

	@Test
	void createsNothingIfToldSo() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withPropertyValues("concord.jdbc.initialize-schema=never").run((context) -> {
			open(context);
			assertThat(tables(dataSource)).isEmpty();
		});
	}

	@Test
	void keepsWhatIsThere() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).run((context) -> open(context));
		execute(dataSource, "COMMENT ON TABLE concord_lease IS 'kept'");
		runner(dataSource).run((context) -> open(context));
		assertThat(query(dataSource,
				"SELECT remarks FROM information_schema.tables WHERE LOWER(table_name) = 'concord_lease'"))
			.containsExactly("kept");
	}

	@ParameterizedTest
	@CsvSource({ "shared.shop_, shop_lease", "shared.concord_, concord_lease", "shop_, shop_lease" })
	void createsTablesUnderOtherPrefix(String prefix, String table) {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		execute(dataSource, "CREATE SCHEMA shared");
		runner(dataSource).withPropertyValues("concord.jdbc.table-prefix=" + prefix).run((context) -> {
			open(context);
			assertThat(tables(dataSource)).contains(table).allSatisfy((name) -> assertThat(name).startsWith(table));
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "concord; DROP TABLE orders --", "1concord_", "con cord_", "a.b.c_", "" })
	void refusesPrefixThatIsNoIdentifier(String prefix) {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withPropertyValues("concord.jdbc.table-prefix=" + prefix)
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> open(context))
				.withMessageStartingWith("The property 'concord.jdbc.table-prefix' is '" + prefix + "', but '" + prefix
						+ "' can't begin the name of a table")
				.satisfies((ex) -> assertThat(ex.getAction()).startsWith("Correct it")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "retention", "poll-interval" })
	void refusesTimesThatCannotBe(String property) {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withPropertyValues("concord.jdbc." + property + "=0")
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> open(context))
				.withMessage("The property 'concord.jdbc." + property + "' is '0s', but must be at least 1ms."));
	}

	@Test
	void createsTablesFromSeveralProcessesAtOnce() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		int count = 8;
		CyclicBarrier barrier = new CyclicBarrier(count);
		List<CompletableFuture<Void>> starts = Stream.generate(() -> CompletableFuture.runAsync(() -> {
			LeaseSchema schema = new LeaseSchema(dataSource, properties(InitializeSchema.ALWAYS),
					JdbcLeaseStore::schemaLocation);
			await(barrier);
			schema.initialize();
		}, (task) -> new Thread(task).start())).limit(count).toList();
		starts.forEach(CompletableFuture::join);
		assertThat(tables(dataSource)).containsAll(TABLES);
	}

	@Test
	void triesAgainIfAnotherProcessWasFaster() throws SQLException {
		DataSource dataSource = spy(h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1"));
		AtomicInteger failures = new AtomicInteger();
		willAnswer((invocation) -> {
			Connection connection = spy((Connection) invocation.callRealMethod());
			willAnswer((statement) -> {
				if (failures.getAndIncrement() < 2) {
					throw new SQLException("Table is there already");
				}
				return statement.callRealMethod();
			}).given(connection).createStatement();
			return connection;
		}).given(dataSource).getConnection();
		new LeaseSchema(dataSource, properties(InitializeSchema.ALWAYS), JdbcLeaseStore::schemaLocation).initialize();
		assertThat(failures.get()).isGreaterThan(2);
		assertThat(tables(dataSource)).containsAll(TABLES);
	}

	@Test
	void saysWhatToDoIfTablesCannotBeCreated() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		execute(dataSource, "CREATE USER guest PASSWORD 'guest'");
		JdbcDataSource guest = new JdbcDataSource();
		guest.setUrl("jdbc:h2:mem:" + this.directory.getFileName());
		guest.setUser("guest");
		guest.setPassword("guest");
		assertThatExceptionOfType(InvalidConcordConfigurationException.class)
			.isThrownBy(
					() -> new LeaseSchema(guest, properties(InitializeSchema.EMBEDDED), JdbcLeaseStore::schemaLocation)
						.initialize())
			.withMessageStartingWith("The tables of Concord could not be created: ")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("'concord.jdbc.initialize-schema=never'",
					"io/concord/lease/jdbc/"));
	}

	@ParameterizedTest
	@EnumSource
	void saysWhatToDoIfTheDatabaseIsDown(InitializeSchema mode) throws SQLException {
		DataSource dataSource = mock();
		given(dataSource.getConnection()).willThrow(new SQLException("refused"));
		runner(dataSource).withPropertyValues("concord.jdbc.initialize-schema=" + mode)
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> open(context))
				.withMessageContaining("refused")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("Start the database")));
	}

	@ParameterizedTest
	@EnumSource
	void saysWhatToDoIfTheDatabaseIsNotSupported(InitializeSchema mode) throws SQLException {
		DataSource dataSource = mock(RETURNS_DEEP_STUBS);
		given(dataSource.getConnection().getMetaData().getDatabaseProductName()).willReturn("Sybase");
		given(dataSource.getConnection().getMetaData().getURL()).willReturn("jdbc:sybase:shop");
		runner(dataSource).withPropertyValues("concord.jdbc.initialize-schema=" + mode)
			.run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
				.isThrownBy(() -> open(context))
				.withMessageContaining("Sybase")
				.satisfies((ex) -> assertThat(ex.getAction()).contains("concord.jdbc.data-source", "concord.backend")));
	}

	@Test
	void saysWhatToDoIfTheDatabaseIsTooOld() throws SQLException {
		DataSource dataSource = mock(RETURNS_DEEP_STUBS);
		given(dataSource.getConnection().getMetaData().getDatabaseProductName()).willReturn("PostgreSQL");
		given(dataSource.getConnection().getMetaData().getDatabaseProductVersion()).willReturn("9.6.24");
		runner(dataSource).run((context) -> assertThatExceptionOfType(InvalidConcordConfigurationException.class)
			.isThrownBy(() -> open(context))
			.withMessageContaining("PostgreSQL 9.6.24")
			.withMessageContaining("PostgreSQL from 12.0 on")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("concord.jdbc.data-source", "concord.backend")));
	}

	@ParameterizedTest
	@CsvSource({ "2,,false", "3,,true", "2,true,true", "10,false,false" })
	void listensIfThePoolCanSpareAConnectionOrItIsToldTo(int poolSize, @Nullable String property, boolean listens)
			throws SQLException {
		DataSource dataSource = mock(RETURNS_DEEP_STUBS);
		given(dataSource.getConnection().getMetaData().getDatabaseProductName()).willReturn("PostgreSQL");
		given(dataSource.getConnection().getMetaData().getDatabaseProductVersion()).willReturn("18.6");
		DataSourcePoolMetadata pool = mock();
		given(pool.getMax()).willReturn(poolSize);
		runner(dataSource).withBean(DataSourcePoolMetadataProvider.class, () -> (source) -> pool)
			.withPropertyValues((property != null) ? "concord.jdbc.notifications=" + property : "concord.a=b")
			.run((context) -> assertThat(store(context).capabilities().hints()).isEqualTo(listens));
	}

	@Test
	void listensIfTheSizeOfThePoolIsNotKnown() throws SQLException {
		DataSource dataSource = mock(RETURNS_DEEP_STUBS);
		given(dataSource.getConnection().getMetaData().getDatabaseProductName()).willReturn("PostgreSQL");
		given(dataSource.getConnection().getMetaData().getDatabaseProductVersion()).willReturn("18.6");
		runner(dataSource).run((context) -> assertThat(store(context).capabilities().hints()).isTrue());
		runner(dataSource).withClassLoader(new FilteredClassLoader(DataSourcePoolMetadataProvider.class))
			.run((context) -> assertThat(store(context).capabilities().hints()).isTrue());
	}

	@Test
	void looksAsOftenAsConfigured() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withPropertyValues("concord.jdbc.poll-interval=123ms").run((context) -> {
			LeaseStore store = store(context);
			assertThat(store.claim(claim("e-1"), Duration.ofSeconds(5))).isInstanceOf(ClaimAnswer.Granted.class);
			assertThat(store.claim(claim("e-2"), Duration.ofSeconds(5))).isInstanceOfSatisfying(
					ClaimAnswer.Waiting.class,
					(waiting) -> assertThat(waiting.lookAgain()).isEqualTo(Duration.ofMillis(123)));
		});
	}

	@ParameterizedTest
	@CsvSource({ "1ms, true", "1d, false" })
	void keepsIdleNamesAsLongAsConfigured(String retention, boolean swept) {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withPropertyValues("concord.jdbc.retention=" + retention).run((context) -> {
			LeaseStore store = store(context);
			store.claim(claim("e-1"), Duration.ofSeconds(5));
			store.release(claim("e-1"), Duration.ZERO, Duration.ofSeconds(5));
			long end = System.nanoTime() + (swept ? Duration.ofSeconds(10) : Duration.ofMillis(100)).toNanos();
			while (isKept(dataSource) && end - System.nanoTime() > 0) {
				store.sweep(Duration.ofSeconds(5));
			}
			assertThat(isKept(dataSource)).isEqualTo(!swept);
		});
	}

	private static boolean isKept(DataSource dataSource) {
		return query(dataSource, "SELECT res FROM concord_lease").stream().anyMatch((name) -> name.contains("demo"));
	}

	private static Claim claim(String owner) {
		return new Claim("demo", owner, 1, Duration.ofSeconds(30), Duration.ofSeconds(10));
	}

	private static LeaseStore store(ConfigurableApplicationContext context) {
		return context.getBean(LeaseStores.class).engine("demo", null).store();
	}

	@Test
	void createsTablesAfterFlyway() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("spring.flyway.locations=classpath:migrations/flyway")
			.withUserConfiguration(AskingConfiguration.class)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(Flyway.class);
				assertThat(tables(dataSource)).containsAll(TABLES).contains("orders");
			});
	}

	@Test
	void createsTablesAfterLiquibase() {
		DataSource dataSource = h2("mem:" + this.directory.getFileName() + ";DB_CLOSE_DELAY=-1");
		runner(dataSource).withConfiguration(AutoConfigurations.of(LiquibaseAutoConfiguration.class))
			.withPropertyValues("spring.liquibase.change-log=classpath:migrations/liquibase.sql")
			.withUserConfiguration(AskingConfiguration.class)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(SpringLiquibase.class);
				assertThat(tables(dataSource)).containsAll(TABLES).contains("orders");
			});
	}

	/**
	 * Before the migrations in alphabet and in order of definition: only a dependency can
	 * bring it behind.
	 */
	@Configuration(proxyBeanMethods = false)
	static class AskingConfiguration {

		@Bean(destroyMethod = "")
		LeaseEngine asking(LeaseStores stores) {
			return stores.engine("demo", null);
		}

	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static ApplicationContextRunner runner(DataSource dataSource) {
		return new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(LeaseAutoConfiguration.class))
			.withBean("dataSource", DataSource.class, () -> dataSource)
			.withPropertyValues("spring.application.name=shop");
	}

	private static void open(ConfigurableApplicationContext context) {
		assertThat(context.getBean(LeaseStores.class).engine("demo", null)).isNotNull();
	}

	private static ConcordProperties.Jdbc properties(InitializeSchema mode) {
		ConcordProperties.Jdbc properties = new ConcordProperties.Jdbc();
		properties.setInitializeSchema(mode);
		return properties;
	}

	private static DataSource h2(String location) {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setUrl("jdbc:h2:" + location);
		dataSource.setUser("sa");
		return dataSource;
	}

	private static List<String> tables(DataSource dataSource) {
		return query(dataSource,
				"SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema <> 'INFORMATION_SCHEMA'")
			.stream()
			.map((name) -> name.toLowerCase(Locale.ROOT))
			.toList();
	}

	private static List<String> query(DataSource dataSource, String sql) {
		List<String> result = new ArrayList<>();
		try (Connection connection = dataSource.getConnection();
				ResultSet rows = connection.createStatement().executeQuery(sql)) {
			while (rows.next()) {
				result.add(rows.getString(1));
			}
			return result;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void execute(DataSource dataSource, String sql) {
		try (Connection connection = dataSource.getConnection()) {
			connection.createStatement().execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
