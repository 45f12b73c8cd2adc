package io.concord.ratelimit;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.Claim;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;

/**
 * Counts the processes that share limits: each holds one name beside all others, as long
 * as it lives. Looks every two seconds; if the store fails, the last number holds. Counts
 * up to {@link io.concord.lease.ResourceState#MAX_HOLDERS}. Thread-safe.
 */
public final class Members implements AutoCloseable {

	/** How long a process counts that has died, and how long it can miss others. */
	public static final Duration LEASE_TIME = Duration.ofSeconds(6);

	private static final Logger logger = LoggerFactory.getLogger(Members.class);

	private static final String RESOURCE = "rate-members";

	private static final Duration INTERVAL = Duration.ofSeconds(2);

	private final Supplier<LeaseEngine> engine;

	private final ScheduledExecutorService thread;

	private final AtomicBoolean closed = new AtomicBoolean();

	private volatile int count = 1;

	/** Used by the thread only, and by whoever has ended it. */
	private @Nullable Lease lease;

	/**
	 * Joins, and looks for others, before it returns unless the store fails.
	 * @param engine gives the engine; asked for each look, and not closed
	 */
	public Members(Supplier<LeaseEngine> engine) {
		this.engine = engine;
		this.thread = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread created = new Thread(task, "concord-ratelimit-members");
			created.setDaemon(true);
			return created;
		});
		look();
		this.thread.scheduleWithFixedDelay(this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
	}

	private void look() {
		try {
			LeaseEngine current = this.engine.get();
			Lease held = this.lease;
			if (held == null || !held.isValid()) {
				Duration time = (LEASE_TIME.compareTo(current.minLeaseTime()) < 0) ? current.minLeaseTime()
						: LEASE_TIME;
				this.lease = current.acquire(LeaseRequest.limited(RESOURCE, Claim.SHARED, Duration.ZERO, time))
					.orElse(null);
			}
			current.inspect(RESOURCE).ifPresent((state) -> this.count = Math.max(1, state.holders().size()));
		}
		catch (RuntimeException ex) {
			logger.debug("Those who share limits can't be counted, {} are assumed", this.count, ex);
		}
	}

	/**
	 * Returns how many processes there are.
	 * @return the number at the last look, at least 1
	 */
	public int count() {
		return this.count;
	}

	/**
	 * Leaves. Doesn't wait for a look that is under way; its lease ends by itself. May be
	 * called again.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.thread.execute(() -> {
			Lease held = this.lease;
			if (held != null) {
				held.release();
			}
		});
		this.thread.shutdown();
	}

}
