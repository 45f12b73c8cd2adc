package io.concord.idgen.jdbc;

import org.junit.jupiter.api.AfterAll;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SegmentStoreContract;

class JdbcSegmentStoreTests extends SegmentStoreContract {

	private static final IdDatabase database = IdDatabase.h2("segments");

	@AfterAll
	static void close() {
		database.close();
	}

	@Override
	protected SegmentStore newStore() {
		return database.tables().segments();
	}

}
