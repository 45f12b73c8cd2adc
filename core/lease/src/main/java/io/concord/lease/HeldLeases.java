package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The leases that are held, for shutting down. */
final class HeldLeases {

	private final Map<String, HeldLease> leases = new ConcurrentHashMap<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition empty = this.lock.newCondition();

	private volatile boolean awaited;

	void add(HeldLease lease) {
		this.leases.put(lease.owner(), lease);
	}

	void remove(HeldLease lease) {
		this.leases.remove(lease.owner());
		if (this.awaited) {
			this.lock.lock();
			try {
				this.empty.signalAll();
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	Iterable<HeldLease> all() {
		return new ArrayList<>(this.leases.values());
	}

	/**
	 * Waits until there are none, deaf to interruption for at most the time given.
	 */
	boolean awaitEmpty(Duration timeout) {
		this.lock.lock();
		boolean interrupted = false;
		try {
			this.awaited = true;
			long left = timeout.toNanos();
			while (!this.leases.isEmpty() && left > 0) {
				try {
					left = this.empty.awaitNanos(left);
				}
				catch (InterruptedException ex) {
					interrupted = true;
					break;
				}
			}
			return this.leases.isEmpty();
		}
		finally {
			this.lock.unlock();
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
