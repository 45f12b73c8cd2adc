package io.concord.idgen;

import java.time.Duration;
import java.util.List;

import io.concord.lease.LeaseStoreException;

/**
 * A store that is down at will.
 */
public final class FailingWorkerIdStore implements WorkerIdStore {

	private final WorkerIdStore store;

	private volatile boolean fail;

	public FailingWorkerIdStore(WorkerIdStore store) {
		this.store = store;
	}

	public void fail(boolean fail) {
		this.fail = fail;
	}

	private WorkerIdStore store() {
		if (this.fail) {
			throw new LeaseStoreException("The store is down");
		}
		return this.store;
	}

	@Override
	public String describe() {
		return this.store.describe();
	}

	@Override
	public WorkerIdAnswer claim(WorkerIdClaim claim, Duration timeout) {
		return store().claim(claim, timeout);
	}

	@Override
	public WorkerIdExtension extend(WorkerIdLease lease, Duration lead, Duration timeout) {
		return store().extend(lease, lead, timeout);
	}

	@Override
	public boolean release(WorkerIdLease lease, long highWater, Duration timeout) {
		return store().release(lease, highWater, timeout);
	}

	@Override
	public List<WorkerIdHolder> holders(String space, Duration timeout) {
		return store().holders(space, timeout);
	}

	@Override
	public long now(Duration timeout) {
		return store().now(timeout);
	}

	@Override
	public void close() {
	}

}
