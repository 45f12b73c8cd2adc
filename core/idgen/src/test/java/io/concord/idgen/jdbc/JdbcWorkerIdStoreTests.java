package io.concord.idgen.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.WorkerIdStoreContract;

class JdbcWorkerIdStoreTests extends WorkerIdStoreContract {

	private static final IdDatabase database = IdDatabase.h2("workers");

	@AfterAll
	static void close() {
		database.close();
	}

	@Override
	protected WorkerIdStore newStore() {
		return database.tables().workers();
	}

}
