package io.concord.idgen.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariConfig;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SegmentStoreContract;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.SequenceStoreContract;
import io.concord.idgen.ThousandNodes;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.WorkerIdStoreContract;
import io.concord.test.jdbc.DatabaseServer;

/**
 * The contracts on a real server, in a database of the test class.
 */
@Timeout(120)
abstract class AbstractDatabaseIdsIT {

	private static final Map<Class<?>, IdDatabase> databases = new ConcurrentHashMap<>();

	private final IdDatabase database;

	AbstractDatabaseIdsIT(DatabaseServer server) {
		this.database = databases.computeIfAbsent(getClass(), (type) -> connect(server));
	}

	static void disconnect(Class<?> type) {
		IdDatabase database = databases.remove(type);
		if (database != null) {
			database.close();
		}
	}

	private static IdDatabase connect(DatabaseServer server) {
		return new IdDatabase(server.createDatabase("ids"), (HikariConfig config) -> {
			config.setUsername(server.username());
			config.setPassword(server.password());
			config.setMaximumPoolSize(20);
		});
	}

	@Test
	void thousandNodesStartAtOnce() throws Exception {
		ThousandNodes.startAtOnce(() -> this.database.tables().workers());
	}

	@Test
	void countsItsStatements() {
		IdStatements.check(this.database.dataSource(), "UPDATE", "INSERT");
	}

	@Nested
	class Workers extends WorkerIdStoreContract {

		@Override
		protected WorkerIdStore newStore() {
			return AbstractDatabaseIdsIT.this.database.tables().workers();
		}

	}

	@Nested
	class Segments extends SegmentStoreContract {

		@Override
		protected SegmentStore newStore() {
			return AbstractDatabaseIdsIT.this.database.tables().segments();
		}

	}

	@Nested
	class Sequences extends SequenceStoreContract {

		@Override
		protected SequenceStore newStore() {
			return AbstractDatabaseIdsIT.this.database.tables().sequences();
		}

	}

}
