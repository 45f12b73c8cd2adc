package io.concord.lease.guard;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * The contract on H2, and what needs no database.
 */
class FencingGuardTests extends FencingGuardContract {

	private static final AtomicInteger databases = new AtomicInteger();

	private static HikariDataSource database;

	@BeforeAll
	static void createDatabase() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:guard" + databases.incrementAndGet());
		config.setMaximumPoolSize(16);
		database = new HikariDataSource(config);
	}

	@AfterAll
	static void closeDatabase() {
		database.close();
	}

	@Override
	protected DataSource dataSource() {
		return database;
	}

	@Test
	void coversTransactionsOfManagersThatAreBeans() {
		StaticListableBeanFactory beans = new StaticListableBeanFactory();
		CommitChecks checks = new CommitChecks();
		checks.setBeanFactory(beans);
		try (FencingGuard guard = FencingGuard.builder(new TransactionAwareDataSourceProxy(database), checks).build()) {
			beans.addBean("other", new DataSourceTransactionManager(mock(DataSource.class)));
			checks.afterSingletonsInstantiated();
			assertThat(guard.coversTransactions()).isFalse();
			DataSourceTransactionManager transactionManager = new DataSourceTransactionManager(database);
			beans.addBean("transactionManager", transactionManager);
			checks.postProcessBeforeInitialization(transactionManager, "transactionManager");
			checks.afterSingletonsInstantiated();
			assertThat(guard.coversTransactions()).isTrue();
			assertThat(transactionManager.getTransactionExecutionListeners()).hasSize(1);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "x;DROP TABLE stock", "1st_", "a.b.c_" })
	void refusesWhatIsNoTablePrefix(String prefix) {
		FencingGuard.Builder builder = FencingGuard.builder(database, new CommitChecks());
		assertThatIllegalArgumentException().isThrownBy(() -> builder.tablePrefix(prefix))
			.withMessageContaining("can't begin the name of a table");
	}

	@Test
	void refusesUnknownDatabases() throws SQLException {
		DataSource unknown = mock(DataSource.class);
		Connection connection = mock(Connection.class);
		DatabaseMetaData metaData = mock(DatabaseMetaData.class);
		given(unknown.getConnection()).willReturn(connection);
		given(connection.getMetaData()).willReturn(metaData);
		given(metaData.getDatabaseProductName()).willReturn("Rdb");
		assertThatIllegalArgumentException().isThrownBy(() -> FencingGuard.schemaLocation(unknown))
			.withMessageContaining("of the kind 'Rdb'");
	}

}
