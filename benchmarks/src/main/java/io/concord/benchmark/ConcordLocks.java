package io.concord.benchmark;

import java.time.Duration;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseStore;
import io.concord.lock.DistributedLocks;
import io.concord.lock.HeldLock;
import io.concord.lock.LockRequest;
import io.concord.lock.LockSettings;

/**
 * Concord through its public API, on any store.
 */
final class ConcordLocks implements Locks, WaitingMemory.Joinable {

	private static final Duration WAIT = Duration.ofHours(1);

	private final DistributedLocks locks;

	ConcordLocks(LeaseStore store) {
		this.locks = DistributedLocks.create(LeaseEngine.builder(store).build(), LockSettings.defaults());
	}

	@Override
	public Held acquire(String key) {
		HeldLock lock = this.locks.acquire(key, WAIT);
		return lock::close;
	}

	@Override
	public void join(String key) {
		this.locks.acquireAsync(LockRequest.of(key).waitTime(WAIT));
	}

}
