package io.concord.faults;

import org.junit.jupiter.api.Tag;

@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class ZooKeeperElectionFaultsIT extends AbstractZooKeeperFaultsIT {

	ZooKeeperElectionFaultsIT() {
		super(Work.ELECTIONS);
	}

}
