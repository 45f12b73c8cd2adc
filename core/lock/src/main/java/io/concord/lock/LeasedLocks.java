package io.concord.lock;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseLabel;
import io.concord.lease.LeaseRequest;

/**
 * Locks as exclusive leases.
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

	private final LeaseLabel label;

	private final Map<Owner, Hold> holds;

	LeasedLocks(LeaseEngine engine, LockSettings settings) {
		this(() -> engine, settings);
	}

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
	}

	private LeasedLocks(LeasedLocks same, LeaseLabel label) {
		this.engine = same.engine;
		this.settings = same.settings;
		this.label = label;
		this.holds = same.holds;
	}

	@Override
	public Optional<HeldLock> tryAcquire(String name) {
		return tryAcquire(name, Duration.ZERO).map(HeldLock.class::cast);
	}

	@Override
	public HeldLock acquire(String name, Duration waitTime) {
		return tryAcquire(name, waitTime).orElseThrow(() -> new LockUnavailableException(name, waitTime));
	}

	@Override
	public HeldLock acquire(String name, Duration waitTime, Duration leaseTime) {
		LeaseRequest request = LeaseRequest.exclusive(LockNames.resource(name), waitTime, leaseTime).notRenewed();
		return tryAcquire(name, request).orElseThrow(() -> new LockUnavailableException(name, waitTime));
	}

	@Override
	public Lock asLock(String name) {
		LockNames.resource(name);
		return new LockView(this, name);
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

	Optional<Handle> tryAcquire(String name, Duration waitTime) {
		return tryAcquire(name, LeaseRequest.exclusive(LockNames.resource(name), waitTime, this.settings.leaseTime()));
	}

	private Optional<Handle> tryAcquire(String name, LeaseRequest request) {
		Owner owner = new Owner(Thread.currentThread(), name);
		Hold held = this.holds.get(owner);
		if (held != null && held.enter()) {
			return Optional.of(new Handle(held));
		}
		return this.engine.get().acquire(request.labelled(this.label)).map((lease) -> {
			Hold hold = new Hold(name, lease, (released) -> this.holds.remove(owner, released));
			this.holds.put(owner, hold);
			return new Handle(hold);
		});
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
		return List.copyOf(this.holds.values()).stream().filter(Hold::giveBack).map(Hold::name).sorted().toList();
	}

	int heldCount() {
		return this.holds.size();
	}

	/** Threads are equal only if they are the same. */
	private record Owner(Thread thread, String name) {
	}

}
