package io.concord.faults;

import org.junit.jupiter.api.Tag;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class RedisLockFaultsIT extends AbstractRedisFaultsIT {

	RedisLockFaultsIT() {
		super(Work.LOCKS);
	}

}
