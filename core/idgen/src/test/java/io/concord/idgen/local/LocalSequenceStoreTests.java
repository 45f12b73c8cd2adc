package io.concord.idgen.local;

import io.concord.idgen.SequenceStore;
import io.concord.idgen.SequenceStoreContract;

class LocalSequenceStoreTests extends SequenceStoreContract {

	private final LocalSequenceStore store = new LocalSequenceStore();

	@Override
	protected SequenceStore newStore() {
		return this.store;
	}

}
