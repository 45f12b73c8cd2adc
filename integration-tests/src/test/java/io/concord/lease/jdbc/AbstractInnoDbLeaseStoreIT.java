package io.concord.lease.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.concord.lease.Claim;
import io.concord.lease.LeaseStore;
import io.concord.test.jdbc.DatabaseServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What MariaDB and MySQL have beyond the contract. Their default is REPEATABLE READ.
 */
abstract class AbstractInnoDbLeaseStoreIT extends AbstractDatabaseLeaseStoreIT {

	AbstractInnoDbLeaseStoreIT(DatabaseServer server) {
		super(server);
	}

	@Override
	protected String setTimeZone() {
		return "SET time_zone = '+09:00'";
	}

	@Override
	protected String waitLongForLocks() {
		return "SET innodb_lock_wait_timeout = 60";
	}

	/** Gaps that claims lock would make them wait for each other, up to deadlocks. */
	@ParameterizedTest
	@ValueSource(strings = { "TRANSACTION_READ_COMMITTED", "TRANSACTION_REPEATABLE_READ" })
	void claimsOfNewNamesDoNotMeet(String isolation) throws Exception {
		long before = deadlocks();
		try (HikariDataSource pool = pool((config) -> config.setTransactionIsolation(isolation))) {
			List<Callable<Void>> work = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				LeaseStore store = warm(pool);
				String owner = "engine-" + i;
				int number = i;
				work.add(() -> {
					for (int turn = 0; turn < 40; turn++) {
						Claim claim = new Claim(resource() + "-" + (turn * 8 + number), owner, 1, TIMEOUT, TIMEOUT);
						token(store.claim(claim, TIMEOUT));
						assertThat(store.release(claim, TIMEOUT, TIMEOUT).held()).isTrue();
					}
					return null;
				});
			}
			inParallel(work);
			closeAll();
		}
		assertThat(deadlocks() - before).isZero();
	}

	@Test
	void tablesAreOfInnoDbAndComparedByBytes() {
		assertThat(query("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
				+ " AND table_name LIKE 'concord%' AND engine = 'InnoDB' AND table_collation = 'ascii_bin'"))
			.isEqualTo(3);
	}

	/** How many deadlocks the server has met. */
	abstract long deadlocks();

}
