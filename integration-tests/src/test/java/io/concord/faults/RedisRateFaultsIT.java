package io.concord.faults;

class RedisRateFaultsIT extends AbstractRedisFaultsIT {

	RedisRateFaultsIT() {
		super(Work.RATES);
	}

	@Override
	boolean isBrief() {
		return true;
	}

}
