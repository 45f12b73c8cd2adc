package io.concord.autoconfigure.lease;

import io.concord.lease.LeaseStore;

/**
 * Opens the store of one backend.
 */
@FunctionalInterface
interface StoreFactory {

	/**
	 * Opens the store.
	 * @param client the client bean, of the backend's client type
	 * @param namespace where to keep the data
	 * @return a new store
	 */
	LeaseStore create(Object client, String namespace);

}
