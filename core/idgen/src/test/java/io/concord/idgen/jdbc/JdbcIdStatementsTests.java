package io.concord.idgen.jdbc;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.idgen.ThousandNodes;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.jdbc.CountingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What ids cost in a database, on H2, and what the tables may be called.
 */
@Timeout(120)
class JdbcIdStatementsTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final IdDatabase database = IdDatabase.h2("statements");

	@AfterAll
	static void close() {
		database.close();
	}

	@Test
	void countsItsStatements() {
		IdStatements.check(database.dataSource(), "SELECT", "SELECT");
	}

	@Test
	void thousandNodesStartAtOnce() throws Exception {
		ThousandNodes.startAtOnce(() -> database.tables().workers());
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a b", "x; DROP TABLE y; --", "a.b.c", "1a", "\"a\"" })
	void refusesATablePrefixThatIsNoIdentifier(String prefix) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JdbcIdTables(database.dataSource(), "contract", prefix))
			.withMessageContaining("'" + prefix + "'");
	}

	@Test
	void refusesANamespaceWithOtherCharacters() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new JdbcIdTables(database.dataSource(), "a/b", JdbcIdTables.DEFAULT_TABLE_PREFIX))
			.withMessageContaining("'a/b'");
	}

	@Test
	void saysWhichTableIsMissingAndWhereItsDdlIs() {
		try (WorkerIdStore store = new JdbcIdTables(database.dataSource(), "contract", "absent_").workers()) {
			assertThatExceptionOfType(LeaseStoreException.class).isThrownBy(() -> store.claim(claim("a"), TIMEOUT))
				.withMessageContaining("io/concord/idgen/jdbc/schema-h2.sql");
		}
	}

	@Test
	void hasADdlForEveryDatabase() {
		assertThat(List.of("h2", "postgresql", "mariadb", "mysql")).allSatisfy((kind) -> assertThat(
				getClass().getClassLoader().getResource("io/concord/idgen/jdbc/schema-" + kind + ".sql"))
			.isNotNull());
	}

	@Test
	void namespacesDoNotMeet() {
		JdbcIdTables other = new JdbcIdTables(database.dataSource(), "other", JdbcIdTables.DEFAULT_TABLE_PREFIX);
		try (WorkerIdStore one = database.tables().workers(); WorkerIdStore two = other.workers()) {
			assertThat(one.claim(claim("a"), TIMEOUT)).isInstanceOf(WorkerIdAnswer.Granted.class);
			assertThat(two.claim(claim("a"), TIMEOUT)).isInstanceOf(WorkerIdAnswer.Granted.class);
			assertThat(two.holders("namespaces", TIMEOUT)).hasSize(1);
		}
	}

	@Test
	void countersAreTheSameForSegmentsAndSequences() {
		try (var segments = database.tables().segments(); var sequences = database.tables().sequences()) {
			long last = segments.next("shared", 100, 1, TIMEOUT).last();
			assertThat(sequences.next("shared", 1, TIMEOUT)).isEqualTo(last + 1);
		}
	}

	@Test
	void takesAHolderWithAnyCharacters() {
		CountingDataSource counting = new CountingDataSource(database.dataSource());
		try (WorkerIdStore store = IdDatabase.tables(counting).workers()) {
			WorkerIdClaim claim = new WorkerIdClaim("any", "layout", 0, 0, "a", "h\u0000st \u20ac \ud83d\ude00",
					Duration.ofMinutes(1));
			assertThat(store.claim(claim, TIMEOUT)).isInstanceOf(WorkerIdAnswer.Granted.class);
			assertThat(store.holders("any", TIMEOUT).get(0).holder()).isEqualTo("h st \u20ac \ud83d\ude00");
		}
	}

	private static WorkerIdClaim claim(String owner) {
		return new WorkerIdClaim("namespaces", "layout", 0, 0, owner, "holder", Duration.ofMinutes(1));
	}

}
