package io.concord.faults;

import org.junit.jupiter.api.Tag;

/**
 * A fail-over lets one more bucket pass.
 */
@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class RedisFailoverRateFaultsIT extends AbstractRedisFailoverFaultsIT {

	RedisFailoverRateFaultsIT() {
		super(Work.RATES);
	}

}
