package io.concord.faults.planted;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.StoreDecorator;
import io.concord.test.redis.PrivateRedisServer;

/**
 * Stores with a bug, and what makes it show.
 */
final class PlantedStores {

	private PlantedStores() {
	}

	/**
	 * Counts, and does what a scene wants in between.
	 */
	static class Watched extends StoreDecorator {

		private final AtomicInteger releases = new AtomicInteger();

		private final AtomicInteger refreshes = new AtomicInteger();

		private volatile Runnable afterClaim = () -> {
		};

		private volatile Runnable beforeRefresh = () -> {
		};

		private volatile Consumer<String> hints = (owner) -> {
		};

		private volatile String lastOwner = "";

		Watched(LeaseStore delegate) {
			super(delegate);
		}

		/** May throw: then the claim was made, and its answer is lost. */
		void afterClaim(Runnable action) {
			this.afterClaim = action;
		}

		void beforeRefresh(Runnable action) {
			this.beforeRefresh = action;
		}

		int releases() {
			return this.releases.get();
		}

		int refreshes() {
			return this.refreshes.get();
		}

		/** Tells who claimed last that it was made an offer, which is not so. */
		void hintFalsely() {
			this.hints.accept(this.lastOwner);
		}

		@Override
		public void listen(String engine, Consumer<String> offered) {
			this.hints = offered;
			super.listen(engine, offered);
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			ClaimAnswer answer = super.claim(claim, timeout);
			this.lastOwner = claim.owner();
			this.afterClaim.run();
			return answer;
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			this.beforeRefresh.run();
			ClaimAnswer answer = super.refresh(claim, timeout);
			this.refreshes.incrementAndGet();
			return answer;
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			ReleaseAnswer answer = super.release(claim, bar, timeout);
			this.releases.incrementAndGet();
			return answer;
		}

	}

	/**
	 * Deletes the lock, whoever's it is.
	 */
	static final class WithoutOwnerCheck extends StoreDecorator {

		WithoutOwnerCheck(LeaseStore delegate) {
			super(delegate);
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			inspect(claim.resource(), timeout).orElseThrow()
				.holders()
				.forEach((holder) -> this.delegate.release(
						new Claim(claim.resource(), holder.owner(), holder.limit(), claim.ttl(), Duration.ZERO), bar,
						timeout));
			return this.delegate.release(claim, bar, timeout);
		}

	}

	/**
	 * Has grants confirmed by a replica, as it thinks.
	 */
	static final class WaitsElsewhere extends StoreDecorator {

		private final PrivateRedisServer server;

		WaitsElsewhere(LeaseStore delegate, PrivateRedisServer server) {
			super(delegate);
			this.server = server;
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			ClaimAnswer answer = super.claim(claim, timeout);
			if (answer instanceof ClaimAnswer.Granted && !this.server.call("WAIT", "1", "200").equals("1")) {
				release(claim, Duration.ZERO, timeout);
				return new ClaimAnswer.Refused();
			}
			return answer;
		}

	}

	/**
	 * What several {@link Keyed} stores share: what a server would keep.
	 */
	static final class Rows {

		private final ReentrantLock lock = new ReentrantLock();

		private final Map<String, Row> rows = new HashMap<>();

	}

	/**
	 * One row a lock, with its end and its token.
	 */
	private record Row(String owner, long until, long token) {
	}

	/**
	 * A row a lock, which ends by the clock of whoever looks at it, and goes with all
	 * that it knows when it is released.
	 */
	static final class Keyed implements LeaseStore {

		private final Rows shared;

		private final LongSupplier millis;

		Keyed(Rows shared, LongSupplier millis) {
			this.shared = shared;
			this.millis = millis;
		}

		@Override
		public String describe() {
			return "rows";
		}

		@Override
		public StoreCapabilities capabilities() {
			return new StoreCapabilities(false, true, false, false, Duration.ZERO);
		}

		@Override
		public ClaimAnswer claim(Claim claim, Duration timeout) {
			this.shared.lock.lock();
			try {
				long now = this.millis.getAsLong();
				Row row = this.shared.rows.get(claim.resource());
				if (row != null && !row.owner().equals(claim.owner()) && row.until() > now) {
					return claim.waits() ? new ClaimAnswer.Waiting(0, Duration.ofMillis(10))
							: new ClaimAnswer.Refused();
				}
				long token = (row == null) ? 1 : row.owner().equals(claim.owner()) ? row.token() : row.token() + 1;
				this.shared.rows.put(claim.resource(), new Row(claim.owner(), now + claim.ttl().toMillis(), token));
				return new ClaimAnswer.Granted(token);
			}
			finally {
				this.shared.lock.unlock();
			}
		}

		@Override
		public ClaimAnswer refresh(Claim claim, Duration timeout) {
			this.shared.lock.lock();
			try {
				Row row = this.shared.rows.get(claim.resource());
				return (row != null && row.owner().equals(claim.owner())) ? claim(claim, timeout)
						: new ClaimAnswer.Gone();
			}
			finally {
				this.shared.lock.unlock();
			}
		}

		@Override
		public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
			this.shared.lock.lock();
			try {
				Row row = this.shared.rows.get(claim.resource());
				boolean held = row != null && row.owner().equals(claim.owner());
				if (held) {
					this.shared.rows.remove(claim.resource());
				}
				return new ReleaseAnswer(held, null);
			}
			finally {
				this.shared.lock.unlock();
			}
		}

		@Override
		public void close() {
			// Nothing is open.
		}

	}

}
