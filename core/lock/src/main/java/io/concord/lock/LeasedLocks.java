package io.concord.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.HandOver;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseRequest;

/**
 * Locks as leases.
 *
 * <p>
 * What a thread holds is found by thread and name in one map, rather than in thread
 * locals: a lock may be closed by another thread, which then can take it out.
 */
final class LeasedLocks implements DistributedLocks {

	/** Begins the names of meters. */
	private static final String FEATURE = "lock";

	/** What meters call locks that got no label. */
	private static final String BY_HAND = "by-hand";

	private final Supplier<LeaseEngine> engine;

	private final LockSettings settings;

	private final LongSupplier nanoTime = System::nanoTime;

	private final LeaseLabel label;

	private final Map<Owner, Hold> holds;

	/**
	 * Locks of futures and permits, which belong to no thread, until given back or lost.
	 */
	private final Set<Hold> ownerless;

	/** Acquisitions by future that are under way. */
	private final Set<AsyncAcquisition> acquisitions;

	LeasedLocks(Supplier<LeaseEngine> engine, LockSettings settings) {
		Duration minLeaseTime = engine.get().minLeaseTime();
		if (settings.leaseTime().compareTo(minLeaseTime) < 0) {
			throw new IllegalArgumentException("The lease time of locks, " + settings.leaseTime().toMillis()
					+ " ms, must be at least " + minLeaseTime.toMillis()
					+ " ms, twice the store's time-out. Use a longer lease time or a shorter time-out.");
		}
		this.engine = engine;
		this.settings = settings;
		this.label = new LeaseLabel(FEATURE, BY_HAND);
		this.holds = new ConcurrentHashMap<>();
		this.ownerless = ConcurrentHashMap.newKeySet();
		this.acquisitions = ConcurrentHashMap.newKeySet();
	}

	private LeasedLocks(LeasedLocks same, LeaseLabel label) {
		this.engine = same.engine;
		this.settings = same.settings;
		this.label = label;
		this.holds = same.holds;
		this.ownerless = same.ownerless;
		this.acquisitions = same.acquisitions;
	}

	@Override
	public Optional<HeldLock> tryAcquire(String name) {
		return tryAcquire(LockRequest.of(name));
	}

	@Override
	public HeldLock acquire(String name, Duration waitTime) {
		return acquire(LockRequest.of(name).waitTime(waitTime));
	}

	@Override
	public HeldLock acquire(LockRequest request) {
		return tryAcquire(request)
			.orElseThrow(() -> new LockUnavailableException(request.describe(), request.waitTime()));
	}

	private Optional<HeldLock> tryAcquire(LockRequest request) {
		if (request.names().size() == 1) {
			return tryAcquire(request.names().get(0), request, request.waitTime()).map(HeldLock.class::cast);
		}
		List<Handle> acquired = new ArrayList<>();
		try {
			long end = this.nanoTime.getAsLong() + request.waitTime().toNanos();
			for (String name : request.names()) {
				Duration left = Duration.ofNanos(Math.max(0, end - this.nanoTime.getAsLong()));
				Optional<Handle> next = tryAcquire(name, request, left);
				if (next.isEmpty()) {
					HeldLocks.closeAll(acquired);
					return Optional.empty();
				}
				acquired.add(next.get());
			}
			return Optional.of(new HeldLocks(acquired));
		}
		catch (RuntimeException | Error ex) {
			try {
				HeldLocks.closeAll(acquired);
			}
			catch (RuntimeException suppressed) {
				ex.addSuppressed(suppressed);
			}
			throw ex;
		}
	}

	@Override
	public CompletableFuture<HeldLock> acquireAsync(LockRequest request) {
		CompletableFuture<HeldLock> result = new CompletableFuture<>();
		AsyncAcquisition acquisition = new AsyncAcquisition(request, result);
		acquisition.next();
		this.acquisitions.add(acquisition);
		result.whenComplete((lock, failure) -> this.acquisitions.remove(acquisition));
		return result;
	}

	@Override
	public Lock asLock(String name) {
		return new LockView(this, LockRequest.of(name));
	}

	@Override
	public ReadWriteLock readWrite(String name) {
		Lock read = new LockView(this, LockRequest.of(name).mode(LockMode.READ));
		Lock write = new LockView(this, LockRequest.of(name).mode(LockMode.WRITE));
		return new ReadWriteLock() {

			@Override
			public Lock readLock() {
				return read;
			}

			@Override
			public Lock writeLock() {
				return write;
			}

			@Override
			public String toString() {
				return "Read-write lock '" + LockNames.abbreviate(name) + "'";
			}

		};
	}

	@Override
	public LockSemaphore semaphore(String name, int permits) {
		LockRequest request = LockRequest.of(name).limit(permits);
		return new LockSemaphore() {

			@Override
			public Optional<HeldLock> tryAcquire() {
				return permit(Duration.ZERO);
			}

			@Override
			public HeldLock acquire(Duration waitTime) {
				return permit(waitTime).orElseThrow(() -> new LockUnavailableException(name, waitTime));
			}

			private Optional<HeldLock> permit(Duration waitTime) {
				return LeasedLocks.this.engine.get()
					.acquire(leaseRequest(name, request, waitTime))
					.map((lease) -> handle(name, request, lease));
			}

			@Override
			public String toString() {
				return "Semaphore '" + LockNames.abbreviate(name) + "' of " + permits;
			}

		};
	}

	@Override
	public LockStatus status(String name) {
		return LockInspector.of(this)
			.status(name)
			.orElseThrow(() -> new UnsupportedOperationException(
					"The store " + engine().store().describe() + " can't tell who holds a lock"));
	}

	@Override
	public boolean isHeldByCurrentThread(String name) {
		Hold hold = heldByCurrentThread(name);
		return hold != null && hold.lease().isValid();
	}

	@Override
	public DistributedLocks labelled(String label) {
		return new LeasedLocks(this, new LeaseLabel(FEATURE, label));
	}

	Optional<Handle> tryAcquire(String name, LockRequest request, Duration waitTime) {
		LeaseRequest leaseRequest = leaseRequest(name, request, waitTime);
		Owner owner = new Owner(Thread.currentThread(), name);
		Hold held = this.holds.get(owner);
		if (held != null && held.enter(request)) {
			return Optional.of(new Handle(held));
		}
		return this.engine.get().acquire(leaseRequest).map((lease) -> {
			Hold hold = new Hold(name, request, lease, this.nanoTime, (released) -> this.holds.remove(owner, released));
			this.holds.put(owner, hold);
			return new Handle(hold);
		});
	}

	/** Held by nobody in particular. */
	private Handle handle(String name, LockRequest request, Lease lease) {
		Hold hold = new Hold(name, request, lease, this.nanoTime, this.ownerless::remove);
		this.ownerless.add(hold);
		// Who has lost it may never close it.
		lease.onLost((reason) -> this.ownerless.remove(hold));
		return new Handle(hold);
	}

	private LeaseRequest leaseRequest(String name, LockRequest request, Duration waitTime) {
		Duration leaseTime = request.leaseTime();
		LeaseRequest asked = LeaseRequest
			.limited(LockNames.resource(name), request.limit(), waitTime,
					(leaseTime != null) ? leaseTime : this.settings.leaseTime())
			.labelled(this.label);
		if (leaseTime != null) {
			return asked.notRenewed();
		}
		boolean passedOn = request.handOver() && request.limit() == 1 && request.minHold().isZero();
		return asked.withHandOver(passedOn ? this.settings.handOver() : HandOver.NONE);
	}

	/**
	 * Returns what the current thread holds under a name.
	 * @param name name of the lock
	 * @return the hold, which may have been released by another thread, or {@code null}
	 */
	@Nullable Hold heldByCurrentThread(String name) {
		return this.holds.get(new Owner(Thread.currentThread(), name));
	}

	LeaseEngine engine() {
		return this.engine.get();
	}

	List<String> giveBackAll() {
		List<String> names = new ArrayList<>();
		boolean cancelled = false;
		// First, as they would get what is given back.
		for (AsyncAcquisition acquisition : List.copyOf(this.acquisitions)) {
			if (acquisition.result.cancel(true)) {
				cancelled = true;
				names.addAll(acquisition.request.names());
			}
		}
		Stream.concat(List.copyOf(this.holds.values()).stream(), List.copyOf(this.ownerless).stream())
			.filter(Hold::giveBack)
			.map(Hold::name)
			.forEach(names::add);
		if (cancelled) {
			this.engine.get().awaitCancelled();
		}
		return names.stream().sorted().toList();
	}

	int heldCount() {
		return this.holds.size() + this.ownerless.size();
	}

	/** Threads are equal only if they are the same. */
	private record Owner(Thread thread, String name) {
	}

	/**
	 * Acquires one lock after the other. Its state is touched by the completion of one
	 * acquisition after the other, never by two at a time.
	 */
	private final class AsyncAcquisition {

		private final LockRequest request;

		private final CompletableFuture<HeldLock> result;

		private final List<Handle> acquired = new ArrayList<>();

		private final long end;

		AsyncAcquisition(LockRequest request, CompletableFuture<HeldLock> result) {
			this.request = request;
			this.result = result;
			this.end = LeasedLocks.this.nanoTime.getAsLong() + request.waitTime().toNanos();
		}

		void next() {
			String name = this.request.names().get(this.acquired.size());
			Duration left = this.acquired.isEmpty() ? this.request.waitTime()
					: Duration.ofNanos(Math.max(0, this.end - LeasedLocks.this.nanoTime.getAsLong()));
			CompletableFuture<Optional<Lease>> acquiring = LeasedLocks.this.engine.get()
				.acquireAsync(leaseRequest(name, this.request, left));
			this.result.whenComplete((lock, failure) -> {
				if (failure instanceof CancellationException) {
					acquiring.cancel(true);
				}
			});
			acquiring.whenComplete((lease, failure) -> {
				if (failure != null) {
					giveUp(failure);
				}
				else if (lease.isEmpty()) {
					giveUp(new LockUnavailableException(this.request.describe(), this.request.waitTime()));
				}
				else {
					this.acquired.add(handle(name, this.request, lease.get()));
					goOn();
				}
			});
		}

		private void goOn() {
			if (this.acquired.size() < this.request.names().size() && !this.result.isDone()) {
				try {
					next();
				}
				catch (RuntimeException ex) {
					giveUp(ex);
				}
				return;
			}
			HeldLock all = (this.acquired.size() == 1) ? this.acquired.get(0) : new HeldLocks(this.acquired);
			if (!this.result.complete(all)) {
				giveUp(new CancellationException());
			}
		}

		private void giveUp(Throwable failure) {
			try {
				HeldLocks.closeAll(this.acquired);
			}
			catch (RuntimeException ex) {
				failure.addSuppressed(ex);
			}
			this.result.completeExceptionally(failure);
		}

	}

}
