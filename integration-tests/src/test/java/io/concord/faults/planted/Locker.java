package io.concord.faults.planted;

import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;

/**
 * What takes locks: the engine, or something with a bug.
 */
interface Locker extends AutoCloseable {

	/**
	 * Takes a lock.
	 * @param wait how long to wait for it
	 * @return null if it was not to be had
	 * @throws io.concord.lease.LeaseStoreException if that is not known, or the store
	 * failed
	 */
	@Nullable Held take(String key, Duration wait);

	@Override
	void close();

	/**
	 * A lock that was taken.
	 */
	interface Held {

		long token();

		boolean isValid();

		void release();

	}

	/**
	 * The engine.
	 * @param renewed whether leases are renewed
	 */
	static Locker of(LeaseEngine engine, Duration leaseTime, boolean renewed) {
		return new Locker() {

			@Override
			public @Nullable Held take(String key, Duration wait) {
				LeaseRequest request = LeaseRequest.exclusive(key, wait, leaseTime);
				Optional<Lease> lease = engine.acquire(renewed ? request : request.notRenewed());
				return lease.map(OfEngine::new).orElse(null);
			}

			@Override
			public void close() {
				engine.close();
			}

		};
	}

	/**
	 * A lease of the engine.
	 */
	record OfEngine(Lease lease) implements Held {

		@Override
		public long token() {
			return this.lease.token();
		}

		@Override
		public boolean isValid() {
			return this.lease.isValid();
		}

		@Override
		public void release() {
			this.lease.release();
		}

	}

}
