package io.concord.lease;

import java.time.Duration;
import java.util.Optional;

public final class LeaseEngine implements AutoCloseable {

	/** Default of the time-out of a store call. */
	public static final Duration DEFAULT_STORE_TIMEOUT = Duration.ofSeconds(2);

	/** Default of how long close waits for leases that are held. */
	public static final Duration DEFAULT_SHUTDOWN_TIMEOUT = Duration.ofSeconds(20);

	public static Builder builder(LeaseStore store) {
		return new Builder();
	}

	public LeaseStore store() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Acquires a resource.
	 * @return the lease, or empty if it was not to be had within the time to wait
	 * @throws IllegalArgumentException if the lease time is shorter than
	 * {@link #minLeaseTime()}
	 * @throws LeaseStoreException if the store failed
	 * @throws LeaseOutcomeUnknownException if the store did not answer in time
	 * @throws LeaseInterruptedException if the thread was interrupted while it waited
	 * @throws LeaseEngineClosedException if the engine is closed
	 */
	public Optional<Lease> acquire(LeaseRequest request) {
		throw new UnsupportedOperationException();
	}

	/** Shortest lease time: twice the store's time-out. */
	public Duration minLeaseTime() {
		throw new UnsupportedOperationException();
	}

	/**
	 * Refuses new claims, waits for leases to be released up to the shutdown time-out,
	 * marks the rest lost. Does not close the store.
	 */
	@Override
	public void close() {
	}

	public static final class Builder {

		public Builder storeTimeout(Duration timeout) {
			return this;
		}

		public Builder shutdownTimeout(Duration timeout) {
			return this;
		}

		public LeaseEngine build() {
			return new LeaseEngine();
		}

	}

}
