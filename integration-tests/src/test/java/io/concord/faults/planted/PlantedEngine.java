package io.concord.faults.planted;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStore;

/**
 * An engine as others have written it, with a bug that others have had.
 */
final class PlantedEngine implements Locker {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final AtomicInteger engines = new AtomicInteger();

	private final LeaseStore store;

	private final Bug bug;

	private final Duration leaseTime;

	private final LongSupplier nanoTime;

	private final String name = "planted" + engines.incrementAndGet();

	private final AtomicInteger claims = new AtomicInteger();

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);

	private volatile CountDownLatch hint = new CountDownLatch(1);

	PlantedEngine(LeaseStore store, Bug bug, Duration leaseTime, LongSupplier nanoTime) {
		this.store = store;
		this.bug = bug;
		this.leaseTime = leaseTime;
		this.nanoTime = nanoTime;
		store.listen(this.name, (owner) -> this.hint.countDown());
	}

	@Override
	public @Nullable Held take(String key, Duration wait) {
		this.hint = new CountDownLatch(1);
		Claim claim = new Claim(key, this.name + "-" + this.claims.incrementAndGet(), 1, this.leaseTime,
				wait.isZero() ? Duration.ZERO : this.leaseTime);
		long sent = this.nanoTime.getAsLong();
		try {
			ClaimAnswer answer = this.store.claim(claim, TIMEOUT);
			if (answer instanceof ClaimAnswer.Granted granted) {
				return new Lock(claim, granted.token(),
						(this.bug == Bug.DEADLINE_FROM_REPLY) ? this.nanoTime.getAsLong() : sent);
			}
			if (this.bug == Bug.NOTIFICATION_TRUSTED && answer instanceof ClaimAnswer.Waiting && isHinted(wait)) {
				// Nobody but the next can have been told, and so it must be its turn.
				return new Lock(claim, TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
						this.nanoTime.getAsLong());
			}
			return null;
		}
		catch (LeaseOutcomeUnknownException ex) {
			if (this.bug == Bug.UNKNOWN_CLAIM_REPORTED_AS_REFUSED) {
				return null;
			}
			throw ex;
		}
	}

	private boolean isHinted(Duration wait) {
		try {
			return this.hint.await(wait.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

	/**
	 * What it has taken.
	 */
	private final class Lock implements Held {

		private final Claim claim;

		private final long token;

		private final long begin;

		Lock(Claim claim, long token, long begin) {
			this.claim = claim;
			this.token = token;
			this.begin = begin;
			if (PlantedEngine.this.bug == Bug.RENEWAL_DIES_ON_AN_EXCEPTION) {
				long period = claim.ttl().toNanos() / 3;
				// What the task throws ends it without a word.
				PlantedEngine.this.timer.scheduleAtFixedRate(() -> PlantedEngine.this.store.refresh(claim, TIMEOUT),
						period, period, TimeUnit.NANOSECONDS);
			}
		}

		@Override
		public long token() {
			return this.token;
		}

		@Override
		public boolean isValid() {
			return PlantedEngine.this.bug == Bug.RENEWAL_DIES_ON_AN_EXCEPTION
					|| PlantedEngine.this.nanoTime.getAsLong() - this.begin < this.claim.ttl().toNanos();
		}

		@Override
		public void release() {
			PlantedEngine.this.store.release(this.claim, Duration.ZERO, TIMEOUT);
		}

	}

}
