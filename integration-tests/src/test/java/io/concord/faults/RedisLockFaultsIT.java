package io.concord.faults;

class RedisLockFaultsIT extends AbstractRedisFaultsIT {

	RedisLockFaultsIT() {
		super(Work.LOCKS);
	}

}
