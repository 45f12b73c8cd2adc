package io.concord.lock;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.Claim;
import io.concord.lease.Lease;
import io.concord.lease.Lease.ReleaseOutcome;

/**
 * A lease as one thread holds it, by any number of nested acquisitions.
 */
final class Hold {

	private static final Logger logger = LoggerFactory.getLogger(Hold.class);

	private final String name;

	private final LockRequest request;

	private final Lease lease;

	private final Consumer<Hold> onRelease;

	private final LongSupplier nanoTime;

	private final long begin;

	private final ReentrantLock lock = new ReentrantLock();

	/** Zero or less for ever once the lease is released. */
	private int entries = 1;

	/** Entries by way of {@link LockView}; touched by the holding thread alone. */
	private final Deque<Handle> views = new ArrayDeque<>();

	private volatile @Nullable String lossReason;

	Hold(String name, LockRequest request, Lease lease, LongSupplier nanoTime, Consumer<Hold> onRelease) {
		this.name = name;
		this.request = request;
		this.lease = lease;
		this.nanoTime = nanoTime;
		this.begin = nanoTime.getAsLong();
		this.onRelease = onRelease;
		lease.onLost((reason) -> this.lossReason = reason);
	}

	String name() {
		return this.name;
	}

	Lease lease() {
		return this.lease;
	}

	Deque<Handle> views() {
		return this.views;
	}

	/**
	 * Enters once more.
	 * @param asked what is asked for; what is held must keep out as many as that
	 * @return false if the lease has been released meanwhile
	 * @throws LockLostException if it has been lost
	 * @throws IllegalStateException if more is asked for than is held
	 */
	boolean enter(LockRequest asked) {
		this.lock.lock();
		try {
			if (this.entries <= 0) {
				return false;
			}
			if (asked.limit() < this.request.limit()) {
				throw new IllegalStateException("This thread holds lock '" + LockNames.abbreviate(this.name) + "' "
						+ describeLimit(this.request.limit()) + " and can't have it " + describeLimit(asked.limit())
						+ " as well: two that hold it and wait for each other would wait for ever. Give it back"
						+ " before, or acquire it " + describeLimit(asked.limit()) + " from the start.");
			}
			if (!this.lease.isValid()) {
				throw lost();
			}
			this.entries++;
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Leaves once; the last one out releases the lease.
	 * @throws LockLostException if the lease was lost before
	 */
	void leave() {
		boolean last;
		this.lock.lock();
		try {
			last = --this.entries == 0;
		}
		finally {
			this.lock.unlock();
		}
		if (last) {
			this.onRelease.accept(this);
			long left = this.request.minHold().toNanos() - (this.nanoTime.getAsLong() - this.begin);
			ReleaseOutcome outcome = (left > 0) ? this.lease.releaseAfter(Duration.ofNanos(left))
					: this.lease.release();
			if (outcome == ReleaseOutcome.LOST) {
				// As it is lost already, this tells the reason at once.
				this.lease.onLost((reason) -> this.lossReason = reason);
				throw lost();
			}
			if (outcome == ReleaseOutcome.UNCONFIRMED) {
				logger.warn(
						"The store did not confirm the release of lock '{}' with fencing token {}. "
								+ "It is free when its lease has ended.",
						LockNames.abbreviate(this.name), this.lease.token());
			}
		}
		else if (this.lossReason != null) {
			throw lost();
		}
	}

	private static String describeLimit(int limit) {
		return switch (limit) {
			case 1 -> "for itself alone";
			case Claim.SHARED -> "for reading";
			default -> "as one of " + limit;
		};
	}

	/**
	 * Leaves for all who have entered; what they do afterwards does nothing.
	 * @return false if the lease has been released already
	 */
	boolean giveBack() {
		this.lock.lock();
		try {
			if (this.entries <= 0) {
				return false;
			}
			this.entries = 0;
		}
		finally {
			this.lock.unlock();
		}
		this.onRelease.accept(this);
		this.lease.release();
		return true;
	}

	private LockLostException lost() {
		String reason = this.lossReason;
		return new LockLostException(this.name, this.lease.token(),
				(reason != null) ? reason : "its lease ended, or the store has no record of it any more");
	}

}
