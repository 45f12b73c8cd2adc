package io.concord.autoconfigure.ratelimit;

import io.concord.ratelimit.RateLimitStore;

/**
 * Opens the store of rates in one backend.
 */
interface RateLimitStoreFactory {

	/**
	 * Opens the store.
	 * @param client the client bean, of the backend's client type
	 * @param namespace where to keep the data
	 * @return a new store
	 */
	RateLimitStore open(Object client, String namespace);

}
