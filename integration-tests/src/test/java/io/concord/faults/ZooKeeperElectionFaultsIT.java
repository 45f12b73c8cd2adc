package io.concord.faults;

import io.concord.test.faults.History;

/**
 * Elections, under the faults of locks.
 */
class ZooKeeperElectionFaultsIT extends ZooKeeperLockFaultsIT {

	ZooKeeperElectionFaultsIT() {
		super("ZooKeeper elections");
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
