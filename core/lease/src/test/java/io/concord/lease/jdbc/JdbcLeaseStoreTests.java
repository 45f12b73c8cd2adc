package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.lease.LeaseStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * The contract on H2, and what needs no database.
 */
class JdbcLeaseStoreTests extends AbstractJdbcLeaseStoreTests {

	private static final AtomicInteger databases = new AtomicInteger();

	private final String database = "contract" + databases.incrementAndGet();

	@Override
	protected HikariConfig connections() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:" + this.database);
		return config;
	}

	@Override
	protected String claims() {
		return "SELECT";
	}

	@Override
	protected String renews() {
		return "SELECT";
	}

	@Override
	protected String setTimeZone() {
		return "SET TIME ZONE 'Asia/Tokyo'";
	}

	@Override
	protected String waitLongForLocks() {
		return "SET LOCK_TIMEOUT 60000";
	}

	@Test
	void usesTheTablesOfASchema() throws SQLException {
		try (Connection connection = this.dataSource.getConnection()) {
			execute(connection, "CREATE SCHEMA app");
			execute(connection, "CREATE TABLE app.my_lease AS SELECT * FROM concord_lease");
			execute(connection, "CREATE TABLE app.my_lease_waiter AS SELECT * FROM concord_lease_waiter");
		}
		LeaseStore store = closing(builder(this.dataSource).tablePrefix("app.my_").build());
		token(store.claim(claim("a"), TIMEOUT));
		token(store().claim(claim("a"), TIMEOUT));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "x; DROP TABLE y; --", "a.b.c", "1a", "a-b", "\"a\"", "täble_",
			"abcdefghijklmnopqrstuvwxyzabcdefgh" })
	void refusesATablePrefixThatIsNoIdentifier(String prefix) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> JdbcLeaseStore.builder(this.dataSource).tablePrefix(prefix))
			.withMessageContaining("'" + prefix + "'")
			.withMessageContaining("letters, digits and underscores");
	}

	@Test
	void refusesSettingsThatMakeNoSense() {
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(this.dataSource);
		assertThatIllegalArgumentException().isThrownBy(() -> builder.namespace("a/b")).withMessageContaining("'a/b'");
		assertThatIllegalArgumentException().isThrownBy(() -> builder.retention(Duration.ofDays(-1)));
		assertThatIllegalArgumentException().isThrownBy(() -> builder.pollInterval(Duration.ZERO));
	}

	@Test
	void refusesADatabaseThatItDoesNotKnow() throws SQLException {
		DataSource unknown = database("Nonesuch", "9.0");
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseStore.builder(unknown).build())
			.withMessageContaining("'Nonesuch'")
			.withMessageContaining("H2 from 2.2 on, PostgreSQL from 12.0 on, MariaDB from 10.5 on, MySQL from 8.0 on");
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseStore.schemaLocation(unknown));
	}

	@ParameterizedTest
	@CsvSource({ "H2, 2.4.240 (2025-09-22), h2", "PostgreSQL, 18.6, postgresql",
			"PostgreSQL, 15.8 (Debian 15.8-0+deb12u1), postgresql", "PostgreSQL, 12.0, postgresql",
			"MariaDB, 11.4.5-MariaDB, mariadb", "MySQL, 5.5.5-10.11.6-MariaDB-0+deb12u1, mariadb",
			"MySQL, 11.4.5-MariaDB, mariadb", "MySQL, 8.0.36, mysql", "MySQL, 9.7.0-commercial, mysql" })
	void findsTheDialect(String product, String version, String dialect) throws SQLException {
		assertThat(JdbcLeaseStore.schemaLocation(database(product, version)))
			.isEqualTo("io/concord/lease/jdbc/schema-" + dialect + ".sql");
		assertThat(getClass().getClassLoader().getResource("io/concord/lease/jdbc/schema-" + dialect + ".sql"))
			.isNotNull();
	}

	@ParameterizedTest
	@CsvSource({ "H2, 1.4.200 (2019-10-14), H2 1.4.200", "H2, 2.1.214, H2 2.1", "PostgreSQL, 9.6.24, PostgreSQL 9.6",
			"PostgreSQL, 11.22, PostgreSQL 11", "MySQL, 5.7.44, MySQL 5.7", "MySQL, 5.5.5-10.4.34-MariaDB, MariaDB",
			"MariaDB, 10.4.34-MariaDB, MariaDB 10.4.34" })
	void refusesADatabaseThatIsTooOld(String product, String version, String named) throws SQLException {
		DataSource old = database(product, version);
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseStore.builder(old).build())
			.withMessageContaining(named)
			.withMessageContaining("PostgreSQL from 12.0 on");
	}

	@Test
	void doesNotShowAPasswordInTheUrl() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:secret" + this.database + ";USER=sa;PASSWORD=hidden");
		try (HikariDataSource secret = new HikariDataSource(config)) {
			LeaseStore store = closing(JdbcLeaseStore.builder(secret).build());
			assertThat(store.describe()).isEqualTo("jdbc (jdbc:h2:mem:secret" + this.database + ")");
		}
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:postgresql://db:5432/shop?user=a&password=hidden, jdbc:postgresql://db:5432/shop",
			"jdbc:mysql://shop:hidden@db:3306/shop, jdbc:mysql://db:3306/shop",
			"'jdbc:mysql://address=(host=db)(password=hidden)/shop', jdbc:mysql://address=" })
	void doesNotShowAPasswordInTheUrl(String url, String shown) throws SQLException {
		DataSource database = database("MySQL", "8.4.0");
		DatabaseMetaData metaData = database.getConnection().getMetaData();
		given(metaData.getURL()).willReturn(url);
		assertThat(closing(JdbcLeaseStore.builder(database).build()).describe()).isEqualTo("jdbc (" + shown + ")");
	}

	@Test
	void tellsOfOffersOnPostgreSqlOnly() throws SQLException {
		assertThat(store().capabilities().hints()).isFalse();
		DataSource postgres = database("PostgreSQL", "18.0");
		assertThat(closing(JdbcLeaseStore.builder(postgres).build()).capabilities().hints()).isTrue();
		assertThat(closing(JdbcLeaseStore.builder(postgres).notifications(false).build()).capabilities().hints())
			.isFalse();
	}

	private static DataSource database(String product, String version) throws SQLException {
		DatabaseMetaData metaData = mock(DatabaseMetaData.class);
		given(metaData.getDatabaseProductName()).willReturn(product);
		given(metaData.getDatabaseProductVersion()).willReturn(version);
		given(metaData.getURL()).willReturn("jdbc:test");
		Connection connection = mock(Connection.class);
		given(connection.getMetaData()).willReturn(metaData);
		DataSource database = mock(DataSource.class);
		given(database.getConnection()).willReturn(connection);
		return database;
	}

}
