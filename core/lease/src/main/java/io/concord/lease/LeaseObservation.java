package io.concord.lease;

import io.concord.lease.Lease.ReleaseOutcome;

/**
 * Follows one request from its beginning to the end of its lease. The engine calls
 * exactly one of {@link #granted}, {@link #unavailable} and {@link #failed}, and after
 * {@code granted} exactly once {@link #ended}. Calls come one after the other, each on
 * any thread. All must be quick, and return without waiting.
 */
public interface LeaseObservation {

	/** Follows nothing. */
	LeaseObservation NONE = new LeaseObservation() {
	};

	/** It has to wait, as another holds the resource. Called at most once. */
	default void waiting() {
	}

	/**
	 * The lease came from another thread of this process, without a call to the store.
	 * Called before {@link #granted}.
	 */
	default void handedOver() {
	}

	/**
	 * It got its lease.
	 * @param lease the lease
	 */
	default void granted(Lease lease) {
	}

	/** It did not get a lease in time, as others hold the resource. */
	default void unavailable() {
	}

	/**
	 * It ended with an exception.
	 * @param failure what the caller gets
	 */
	default void failed(Throwable failure) {
	}

	/**
	 * A renewal was confirmed when less than a third of the lease time was left: the
	 * store is slow or out of reach, or this process stands still at times. Can be called
	 * again and again.
	 */
	default void renewedLate() {
	}

	/**
	 * The lease is over.
	 * @param outcome released, given back without the store's confirmation, or lost
	 */
	default void ended(ReleaseOutcome outcome) {
	}

}
