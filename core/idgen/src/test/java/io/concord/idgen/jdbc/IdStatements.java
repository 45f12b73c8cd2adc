package io.concord.idgen.jdbc;

import java.time.Duration;
import java.util.UUID;

import javax.sql.DataSource;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdAnswer;
import io.concord.idgen.WorkerIdClaim;
import io.concord.idgen.WorkerIdExtension;
import io.concord.idgen.WorkerIdStore;
import io.concord.lease.jdbc.CountingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many statements ids may cost.
 */
public final class IdStatements {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration LEAD = Duration.ofMinutes(10);

	private IdStatements() {
	}

	/**
	 * Counts.
	 * @param extends first word of the statement that extends
	 * @param counts first word of the statement that counts
	 */
	public static void check(DataSource dataSource, String extending, String counting) {
		CountingDataSource counted = new CountingDataSource(dataSource);
		JdbcIdTables tables = IdDatabase.tables(counted);
		String name = "statements-" + UUID.randomUUID();
		try (WorkerIdStore store = tables.workers()) {
			store.claim(claim(name, 0, "warm-up"), TIMEOUT);
			counted.sent().clear();
			WorkerIdAnswer.Granted granted = (WorkerIdAnswer.Granted) store.claim(claim(name, 1, "a"), TIMEOUT);
			assertThat(counted.sent()).containsExactly("BEGIN", "SELECT", "SELECT", "INSERT", "COMMIT");
			counted.sent().clear();
			assertThat(store.extend(granted.lease(), LEAD, TIMEOUT)).isInstanceOf(WorkerIdExtension.Extended.class);
			assertThat(counted.sent()).containsExactly(extending);
			counted.sent().clear();
			assertThat(store.release(granted.lease(), granted.storeTime(), TIMEOUT)).isTrue();
			assertThat(counted.sent()).containsExactly("UPDATE");
			counted.sent().clear();
			store.claim(claim(name, 1, "b"), TIMEOUT);
			assertThat(counted.sent()).containsExactly("BEGIN", "SELECT", "SELECT", "SELECT", "UPDATE", "SELECT",
					"COMMIT");
			counted.sent().clear();
			store.now(TIMEOUT);
			assertThat(counted.sent()).containsExactly("SELECT");
		}
		try (SegmentStore segments = tables.segments(); SequenceStore sequences = tables.sequences()) {
			for (int i = 0; i < 2; i++) {
				counted.sent().clear();
				segments.next(name, 1000, 1, TIMEOUT);
				assertThat(counted.sent()).containsExactly(counting);
				counted.sent().clear();
				sequences.next(name, 1, TIMEOUT);
				assertThat(counted.sent()).containsExactly(counting);
			}
		}
	}

	private static WorkerIdClaim claim(String space, int workerId, String owner) {
		return new WorkerIdClaim(space, "layout", workerId, workerId, owner, "holder", LEAD);
	}

}
