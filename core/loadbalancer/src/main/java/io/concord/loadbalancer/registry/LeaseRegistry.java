package io.concord.loadbalancer.registry;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.Claim;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ResourceState;

/**
 * Registers instances of services, and finds them. Each holds a lease on the name of its
 * service beside all others, as long as it lives; its engine renews it. The note on the
 * lease says where the instance is. One that dies is listed until its lease ends; one
 * that stops takes itself off first. At most {@link ResourceState#MAX_HOLDERS} instances
 * of a service are found. Thread-safe.
 *
 * <p>
 * One thread owns the lease: it takes it again when it was lost, and looks whether
 * services that were asked for have changed. If the store fails it tries again at its
 * next turn.
 */
public final class LeaseRegistry implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LeaseRegistry.class);

	private static final String PREFIX = "instances/";

	private final Supplier<LeaseEngine> engine;

	private final Duration leaseTime;

	private final Consumer<String> changes;

	private final ScheduledExecutorService thread;

	/** What was last told of services that were asked for. */
	private final Map<String, List<RegisteredInstance>> seen = new ConcurrentHashMap<>();

	/** Both used by the thread only. */
	private @Nullable LeaseRequest own;

	private @Nullable Lease lease;

	/**
	 * Creates a registry and starts its thread.
	 * @param engine gives the engine; asked each time, and not closed
	 * @param leaseTime after which time an instance is no longer listed that has died
	 * @param interval time between two looks for changes
	 * @param changes is told the service whose instances have changed; must not throw
	 */
	public LeaseRegistry(Supplier<LeaseEngine> engine, Duration leaseTime, Duration interval,
			Consumer<String> changes) {
		this.engine = engine;
		this.leaseTime = leaseTime;
		this.changes = changes;
		this.thread = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread created = new Thread(task, "concord-discovery");
			created.setDaemon(true);
			return created;
		});
		this.thread.scheduleWithFixedDelay(this::turn, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * Registers this process, from now until the registry is closed. Returns at once; if
	 * the store fails, it happens later.
	 * @param service name of the service
	 * @param instance where this process is
	 * @throws IllegalArgumentException if the instance is too long to describe, see
	 * {@link LeaseRequest#withNote}
	 */
	public void register(String service, RegisteredInstance instance) {
		LeaseRequest request = LeaseRequest.limited(PREFIX + service, Claim.SHARED, Duration.ZERO, this.leaseTime)
			.withNote(instance.note());
		this.thread.execute(() -> {
			release();
			this.own = request;
			turn();
		});
	}

	private void turn() {
		try {
			hold();
		}
		catch (RuntimeException ex) {
			logger.warn("This instance can't register itself at this moment: {}", ex.getMessage());
			logger.debug("Why it can't", ex);
		}
		for (String service : this.seen.keySet()) {
			try {
				look(service);
			}
			catch (RuntimeException ex) {
				logger.debug("Changes of '{}' can't be seen at this moment", service, ex);
			}
		}
	}

	private void hold() {
		Lease held = this.lease;
		if (this.own != null && (held == null || !held.isValid())) {
			LeaseEngine current = this.engine.get();
			LeaseRequest request = this.own;
			if (request.leaseTime().compareTo(current.minLeaseTime()) < 0) {
				throw new IllegalStateException("The lease time must be at least " + current.minLeaseTime());
			}
			this.lease = current.acquire(request).orElse(null);
		}
	}

	private void look(String service) {
		List<RegisteredInstance> now = read(service);
		List<RegisteredInstance> before = this.seen.put(service, now);
		if (before != null && !before.equals(now)) {
			this.changes.accept(service);
		}
	}

	/**
	 * Finds instances of a service. Asks the store; from then on, changes are told.
	 * @param service name of the service
	 * @return those that live, by id
	 * @throws LeaseStoreException if the store failed
	 */
	public List<RegisteredInstance> instances(String service) {
		List<RegisteredInstance> found = read(service);
		// What one caller sees by asking is yet to be told to the others.
		this.seen.putIfAbsent(service, found);
		return found;
	}

	private List<RegisteredInstance> read(String service) {
		ResourceState state = this.engine.get().inspect(PREFIX + service).orElse(ResourceState.FREE);
		if (state.holders().size() == ResourceState.MAX_HOLDERS) {
			logger.warn("There are {} instances of '{}' or more, and no more are found", ResourceState.MAX_HOLDERS,
					service);
		}
		return state.holders()
			.stream()
			.map((holder) -> RegisteredInstance.ofNote(Claim.noteOf(holder.owner())))
			.filter(Objects::nonNull)
			.map(Objects::requireNonNull)
			.sorted(Comparator.comparing(RegisteredInstance::id))
			.toList();
	}

	private void release() {
		Lease held = this.lease;
		this.lease = null;
		this.own = null;
		if (held != null) {
			held.release();
		}
	}

	/**
	 * Takes this process off, and waits for it up to the time that is given; once more
	 * does nothing. If the store doesn't answer, the lease ends by itself.
	 * @param atMost how long to wait
	 */
	public void close(Duration atMost) {
		if (!this.thread.isShutdown()) {
			this.thread.execute(this::release);
			this.thread.shutdown();
		}
		try {
			if (!this.thread.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
				logger.debug("The store has not answered, the registration ends with its lease");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** Takes this process off, and doesn't wait for it. */
	@Override
	public void close() {
		close(Duration.ZERO);
	}

}
