package io.concord.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariConfig;
import org.junit.jupiter.api.Test;

import io.concord.test.jdbc.DatabaseServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract on a real server, in a database of the test class. All tests run at the
 * server's default isolation, those under contention at others as well.
 */
abstract class AbstractDatabaseLeaseStoreIT extends AbstractJdbcLeaseStoreTests {

	private static final Map<Class<?>, String> urls = new ConcurrentHashMap<>();

	private final DatabaseServer server;

	AbstractDatabaseLeaseStoreIT(DatabaseServer server) {
		this.server = server;
	}

	@Override
	protected HikariConfig connections() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(urls.computeIfAbsent(getClass(), (type) -> this.server.createDatabase("contract")));
		config.setUsername(this.server.username());
		config.setPassword(this.server.password());
		return config;
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 20;
	}

	@Test
	void deadlockIsSolvedByAnotherTryWithoutALine() throws Exception {
		JdbcDatabase database = JdbcDatabase.of(this.dataSource);
		try (Connection connection = this.dataSource.getConnection()) {
			execute(connection, "CREATE TABLE IF NOT EXISTS test_pair (id INT PRIMARY KEY, n INT NOT NULL)");
			execute(connection, "DELETE FROM test_pair");
			execute(connection, "INSERT INTO test_pair VALUES (1, 0), (2, 0)");
		}
		JdbcCalls calls = closing(
				new JdbcCalls(database, new Sql(database.dialect(), Map.of()), "none", "deadlock", 2));
		AtomicInteger tries = new AtomicInteger();
		CyclicBarrier met = new CyclicBarrier(2);
		List<Callable<Void>> work = new ArrayList<>();
		for (int first = 1; first <= 2; first++) {
			int begin = first;
			AtomicBoolean again = new AtomicBoolean();
			work.add(() -> {
				calls.call(Duration.ofSeconds(60), (statements) -> calls.transaction(statements, () -> {
					tries.incrementAndGet();
					add(statements, begin);
					if (!again.getAndSet(true)) {
						awaitOther(met);
					}
					add(statements, 3 - begin);
					return true;
				}));
				return null;
			});
		}
		inParallel(work);
		assertThat(tries).hasValueGreaterThanOrEqualTo(3);
		assertThat(query("SELECT SUM(n) FROM test_pair WHERE n = 2")).isEqualTo(4);
		assertThat(logged()).isEmpty();
	}

	private static void add(Statements statements, int id) throws SQLException {
		assertThat(statements.update("UPDATE test_pair SET n = n + 1 WHERE id = ?", id)).isOne();
	}

	private static void awaitOther(CyclicBarrier met) {
		try {
			met.await(60, TimeUnit.SECONDS);
		}
		catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	protected String claims() {
		return "INSERT";
	}

	@Override
	protected String renews() {
		return "UPDATE";
	}

}
