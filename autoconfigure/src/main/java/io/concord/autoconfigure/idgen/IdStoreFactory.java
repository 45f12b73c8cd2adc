package io.concord.autoconfigure.idgen;

import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;

/**
 * Opens the stores of ids in one backend.
 */
interface IdStoreFactory {

	/**
	 * Opens a store of worker ids.
	 * @param client the client bean, of the backend's client type
	 * @param namespace where to keep the data
	 * @return a new store
	 */
	WorkerIdStore workers(Object client, String namespace);

	/**
	 * Opens a store of segments.
	 * @param client as above
	 * @param namespace as above
	 * @return a new store
	 */
	SegmentStore segments(Object client, String namespace);

	/**
	 * Opens a store of sequences.
	 * @param client as above
	 * @param namespace as above
	 * @return a new store
	 */
	SequenceStore sequences(Object client, String namespace);

}
