package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

import io.concord.lease.LeaseStoreException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.timeout;
import static org.mockito.Mockito.verify;

/**
 * What becomes of conflicts, on connections that do nothing.
 */
class JdbcCallsTests {

	private static final Duration LONG = Duration.ofMinutes(1);

	private final Connection connection = mock(Connection.class);

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	@BeforeEach
	void watchLog() throws SQLException {
		given(this.connection.getAutoCommit()).willReturn(true);
		given(this.connection.getTransactionIsolation()).willReturn(Connection.TRANSACTION_REPEATABLE_READ);
		this.log.start();
		concordLogger().addAppender(this.log);
	}

	@AfterEach
	void leaveLog() {
		concordLogger().detachAppender(this.log);
	}

	@ParameterizedTest
	@CsvSource({ "postgresql, 40001, 0", "postgresql, 40P01, 0", "mariadb, 40001, 1213", "mysql, 40001, 1213",
			"mariadb, HY000, 1205", "mysql, HY000, 1205", "h2, 40001, 40001" })
	void conflictIsRetriedWithoutALine(String product, String state, int code) throws SQLException {
		AtomicInteger tries = new AtomicInteger();
		try (JdbcCalls calls = calls(product)) {
			assertThat(calls.<String>call(LONG, (statements) -> {
				if (tries.incrementAndGet() < 4) {
					throw new SQLException("conflict", state, code);
				}
				return "done";
			})).isEqualTo("done");
		}
		assertThat(tries).hasValue(4);
		assertThat(logged()).isZero();
		verify(this.connection, never()).abort(any());
		verify(this.connection).close();
	}

	/** Also a commit can fail so: what was done in the transaction is undone first. */
	@Test
	void transactionWhoseCommitConflictsIsDoneAgain() throws SQLException {
		AtomicInteger tries = new AtomicInteger();
		AtomicInteger commits = new AtomicInteger();
		willAnswer((commit) -> {
			if (commits.incrementAndGet() == 1) {
				throw new SQLException("could not serialize access", "40001");
			}
			return null;
		}).given(this.connection).commit();
		try (JdbcCalls calls = calls("postgresql")) {
			assertThat(calls.<Integer>call(LONG, (statements) -> calls.transaction(statements, tries::incrementAndGet))
				.intValue()).isEqualTo(2);
		}
		verify(this.connection).rollback();
		assertThat(commits).hasValue(2);
		assertThat(logged()).isZero();
	}

	@Test
	void endlessConflictEndsWithTheTimeOfTheCall() throws SQLException {
		AtomicInteger tries = new AtomicInteger();
		try (JdbcCalls calls = calls("postgresql")) {
			long begin = System.nanoTime();
			assertThatExceptionOfType(LeaseStoreException.class)
				.isThrownBy(() -> calls.call(Duration.ofSeconds(1), (statements) -> {
					tries.incrementAndGet();
					throw new SQLException("deadlock detected", "40P01");
				}));
			assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
			// Nor does it go on behind the back of its caller.
			verify(this.connection, timeout(30_000)).close();
		}
		assertThat(tries).hasValueGreaterThan(2);
		assertThat(logged()).isZero();
	}

	@Test
	void whatIsNoConflictIsNotRetried() throws SQLException {
		AtomicInteger tries = new AtomicInteger();
		try (JdbcCalls calls = calls("postgresql")) {
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> calls.call(LONG, (statements) -> {
				tries.incrementAndGet();
				throw new SQLException("permission denied", "42501");
			})).withMessageContaining("permission denied");
		}
		assertThat(tries).hasValue(1);
	}

	private JdbcCalls calls(String product) throws SQLException {
		DataSource dataSource = mock(DataSource.class);
		given(dataSource.getConnection()).willReturn(this.connection);
		JdbcDialect dialect = switch (product) {
			case "h2" -> new H2Dialect();
			case "postgresql" -> new PostgreSqlDialect();
			case "mariadb" -> InnoDbDialect.mariaDb();
			default -> InnoDbDialect.mySql();
		};
		return new JdbcCalls(new JdbcDatabase(dataSource, dialect, product), new Sql(dialect, Map.of()), "none", "jdbc",
				1);
	}

	private long logged() {
		return this.log.list.stream().filter((event) -> event.getLevel().isGreaterOrEqual(Level.INFO)).count();
	}

	private static Logger concordLogger() {
		return (Logger) LoggerFactory.getLogger("io.concord");
	}

}
