package io.concord.faults;

import io.concord.test.faults.History;
import io.concord.test.postgres.PrivatePostgresServer;

/**
 * Elections, under the faults of locks.
 */
class PostgresElectionFaultsIT extends AbstractJdbcLockFaultsIT<PrivatePostgresServer> {

	PostgresElectionFaultsIT() {
		super("PostgreSQL elections");
	}

	@Override
	PrivatePostgresServer startServer() {
		return PrivatePostgresServer.start();
	}

	@Override
	String work() {
		return LockWorker.ELECTIONS;
	}

	@Override
	Verdict judge(History history) {
		ElectionRules rules = new ElectionRules(history, recoveryBound());
		return new Verdict(rules.cells(), rules.findings());
	}

}
