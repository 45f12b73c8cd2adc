package io.concord.lock;

import java.time.Duration;

import io.concord.lease.HandOver;

/**
 * Defaults of locks. Immutable.
 *
 * @param waitTime how long an annotated method waits for its lock if the annotation
 * doesn't say; zero for not at all
 * @param leaseTime how long a lock outlives its process, or the loss of the store, if it
 * renews itself: the time between confirmations by the store
 * @param handOver how far a lock may be passed on within the process
 */
public record LockSettings(Duration waitTime, Duration leaseTime, HandOver handOver) {

	/** Default of {@link #waitTime}. */
	public static final Duration DEFAULT_WAIT_TIME = Duration.ofSeconds(10);

	/** Default of {@link #leaseTime}. */
	public static final Duration DEFAULT_LEASE_TIME = Duration.ofSeconds(30);

	public LockSettings {
		if (waitTime.isNegative()) {
			throw new IllegalArgumentException("The time to wait for locks must not be negative: " + waitTime
					+ ". Use zero for not waiting at all.");
		}
		if (leaseTime.isZero() || leaseTime.isNegative()) {
			throw new IllegalArgumentException("The lease time of locks must be positive, not " + leaseTime + ".");
		}
	}

	/**
	 * Creates settings with the default hand-over.
	 * @param waitTime as above
	 * @param leaseTime as above
	 */
	public LockSettings(Duration waitTime, Duration leaseTime) {
		this(waitTime, leaseTime, HandOver.DEFAULT);
	}

	/**
	 * Returns the defaults.
	 * @return 10 s to wait, 30 s of lease, {@link HandOver#DEFAULT}
	 */
	public static LockSettings defaults() {
		return new LockSettings(DEFAULT_WAIT_TIME, DEFAULT_LEASE_TIME);
	}

}
