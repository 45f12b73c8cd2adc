package io.concord.faults;

import org.junit.jupiter.api.Tag;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class ZooKeeperIdFaultsIT extends AbstractZooKeeperFaultsIT {

	ZooKeeperIdFaultsIT() {
		super(Work.IDS);
	}

}
