package io.concord.idgen.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.idgen.SequenceStore;
import io.concord.idgen.SequenceStoreContract;

class JdbcSequenceStoreTests extends SequenceStoreContract {

	private static final IdDatabase database = IdDatabase.h2("sequences");

	@AfterAll
	static void close() {
		database.close();
	}

	@Override
	protected SequenceStore newStore() {
		return database.tables().sequences();
	}

}
