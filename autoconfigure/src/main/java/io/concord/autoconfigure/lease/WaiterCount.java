package io.concord.autoconfigure.lease;

import io.concord.lease.LeaseLabel;

/**
 * Counts the requests that wait.
 */
@FunctionalInterface
interface WaiterCount {

	/** Counts nothing. */
	WaiterCount NONE = (label, store, change) -> {
	};

	/**
	 * Counts one more or one less.
	 * @param label what waits
	 * @param store kind of the store
	 * @param change 1 or -1
	 */
	void add(LeaseLabel label, String store, int change);

}
