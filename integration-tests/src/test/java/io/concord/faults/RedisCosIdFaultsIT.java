package io.concord.faults;

import org.junit.jupiter.api.Tag;

/**
 * What comes of CosId's ids in the run that ours go through: counted, not judged.
 */
@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class RedisCosIdFaultsIT extends AbstractRedisFaultsIT {

	RedisCosIdFaultsIT() {
		super(Work.COSID);
	}

}
