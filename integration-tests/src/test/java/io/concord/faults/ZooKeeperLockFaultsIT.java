package io.concord.faults;

class ZooKeeperLockFaultsIT extends AbstractZooKeeperFaultsIT {

	ZooKeeperLockFaultsIT() {
		super(Work.LOCKS);
	}

}
