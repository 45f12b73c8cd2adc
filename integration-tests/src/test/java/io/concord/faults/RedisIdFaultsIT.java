package io.concord.faults;

import org.junit.jupiter.api.Tag;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class RedisIdFaultsIT extends AbstractRedisFaultsIT {

	RedisIdFaultsIT() {
		super(Work.IDS);
	}

}
