package io.concord.faults;

import org.junit.jupiter.api.Tag;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class RedisElectionFaultsIT extends AbstractRedisFaultsIT {

	RedisElectionFaultsIT() {
		super(Work.ELECTIONS);
	}

}
