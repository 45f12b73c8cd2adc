package io.concord.lease.local;

import java.time.Duration;

import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreContract;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.StoreDecorator;

class LocalLeaseStoreTests extends LeaseStoreContract {

	private final LocalLeaseStore real = new LocalLeaseStore();

	private final LocalLeaseStore fake = new LocalLeaseStore(this.time::nanos, this.time::micros);

	@Override
	protected LeaseStore newStore() {
		return new View(this.real);
	}

	@Override
	protected LeaseStore newStoreOnFakeTime() {
		return new View(this.fake);
	}

	@Override
	protected StoreCapabilities expectedCapabilities() {
		return new StoreCapabilities(true, true, true, true, Duration.ZERO);
	}

	@Override
	protected long countStored() {
		return this.fake.size();
	}

	@Override
	protected int seedsOfRandomisedTest() {
		return 3_000;
	}

	/** Another user of the same memory: closing one leaves the others alone. */
	private static final class View extends StoreDecorator {

		View(LeaseStore delegate) {
			super(delegate);
		}

		@Override
		public void close() {
		}

	}

}
