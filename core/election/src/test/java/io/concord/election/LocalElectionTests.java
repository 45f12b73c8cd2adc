package io.concord.election;

import org.junit.jupiter.api.AfterEach;

import io.concord.lease.LeaseStore;
import io.concord.lease.StoreDecorator;
import io.concord.lease.local.LocalLeaseStore;

class LocalElectionTests extends ElectionContract {

	private final LocalLeaseStore store = new LocalLeaseStore();

	@AfterEach
	void close() {
		this.store.close();
	}

	@Override
	protected LeaseStore open() {
		return new StoreDecorator(this.store) {

			@Override
			public void close() {
				// All nodes share it.
			}

		};
	}

}
