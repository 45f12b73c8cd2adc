package io.concord.idgen.local;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SegmentStoreContract;

class LocalSegmentStoreTests extends SegmentStoreContract {

	private final LocalSegmentStore store = new LocalSegmentStore();

	@Override
	protected SegmentStore newStore() {
		return this.store;
	}

}
