package io.concord.faults;

class RedisFailoverLockFaultsIT extends AbstractRedisFailoverFaultsIT {

	RedisFailoverLockFaultsIT() {
		super(Work.LOCKS);
	}

}
