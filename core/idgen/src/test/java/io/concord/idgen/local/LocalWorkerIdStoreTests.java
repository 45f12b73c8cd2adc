package io.concord.idgen.local;

import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.WorkerIdStoreContract;

class LocalWorkerIdStoreTests extends WorkerIdStoreContract {

	private final LocalWorkerIdStore store = new LocalWorkerIdStore();

	@Override
	protected WorkerIdStore newStore() {
		return this.store;
	}

}
