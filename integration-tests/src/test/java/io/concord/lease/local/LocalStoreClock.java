package io.concord.lease.local;

import io.concord.lease.FakeTime;
import io.concord.lease.LeaseStore;

/**
 * Lets tests move the clock of a store in memory.
 */
public final class LocalStoreClock {

	private LocalStoreClock() {
	}

	public static LeaseStore storeOn(FakeTime time) {
		return new LocalLeaseStore(time::nanos, time::micros);
	}

}
