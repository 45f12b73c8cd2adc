package io.concord.lease;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one engine behind locks, elections and limits: makes claims in a
 * {@link LeaseStore}, waits in line, renews what is held, tells of losses, and cleans up
 * after calls whose outcome is unknown. One engine serves all features of an application
 * on one store.
 *
 * <p>
 * A thread that acquires or releases makes its own store calls, each bounded by the store
 * time-out; renewals and clean-up run on a few threads of the engine. Nothing an attempt
 * to acquire does takes longer than its time to wait plus the store time-out. Store
 * calls: one to acquire a free resource, one to release it, one a third of the lease time
 * to keep it, and for a waiter one every third of its {@linkplain WaitingPace patience},
 * and one to take the offer.
 *
 * <p>
 * Of several threads that want the same name for themselves alone, one at a time stands
 * in the line of the store; the others wait inside the process, first in, first out, and
 * without store calls. So the order between processes is that of their claims in the
 * store. Within the bounds of {@link HandOver} a lease is passed on among them instead of
 * being given back, which costs no store call either. To try for what another thread
 * holds through the same engine costs no store call.
 *
 * <p>
 * Who waits by {@link #acquireAsync} is an object and not a thread: steps and their store
 * calls are made by {@value #MAX_STEPPERS} threads of the engine.
 *
 * <p>
 * Thread-safe. Durations are measured on {@link System#nanoTime()}.
 */
public final class LeaseEngine implements AutoCloseable {

	/** Default of the time-out of a store call. */
	public static final Duration DEFAULT_STORE_TIMEOUT = Duration.ofSeconds(2);

	/** Default of how long {@link #close()} waits for leases that are held. */
	public static final Duration DEFAULT_SHUTDOWN_TIMEOUT = Duration.ofSeconds(20);

	private static final Logger logger = LoggerFactory.getLogger(LeaseEngine.class);

	private static final Duration LONGEST_STORE_TIMEOUT = Duration.ofHours(1);

	private static final int MAX_WORKERS = 4;

	private static final int MAX_STEPPERS = 4;

	private static final int MAX_CLEANERS = 2;

	static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(25);

	static final Duration LONGEST_PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

	private static final long GREATEST_TOKEN = (1L << 53) - 1;

	/** A look shows some of many holders, and others come in the place of those. */
	private static final int MAX_FORCED_LOOKS = 100;

	private static final Duration SWEEP_INTERVAL = Duration.ofMinutes(10);

	private final LeaseStore store;

	private final Duration storeTimeout;

	private final Duration minLeaseTime;

	private final Duration shutdownTimeout;

	private final Duration sweepInterval;

	private final LongSupplier nanoTime;

	private final LongSupplier wallMillis;

	private final LeaseObserver observer;

	private final String id = newId();

	private final AtomicLong claims = new AtomicLong();

	/** Those who wait in line, by owner, so that hints find them. */
	private final Map<String, Waiter> waiters = new ConcurrentHashMap<>();

	/**
	 * The greatest token known to have been given out, whatever the resource: one number
	 * instead of one for each name, as tokens follow the clock.
	 */
	private final AtomicLong floor = new AtomicLong();

	private final LocalLines localLines = new LocalLines();

	private final Outstanding<HeldLease> held = new Outstanding<>();

	/** Attempts under way and claims that are being withdrawn. */
	private final Outstanding<Object> busy = new Outstanding<>();

	/** Only ever starts things: nothing on it may wait. */
	private final LeaseTimer timer;

	/** Renewals, which must not wait for anything but the store. */
	private final ThreadPoolExecutor workers;

	/** Steps of attempts that no thread waits for. */
	private final ThreadPoolExecutor steppers;

	/** Withdrawals and sweeps, which may take their time. */
	private final ThreadPoolExecutor cleaners;

	/** Calls what belongs to the application, which may do as it likes. */
	private final ThreadPoolExecutor notifier;

	private final AtomicBoolean closed = new AtomicBoolean();

	private LeaseEngine(Builder builder) {
		this.store = builder.store;
		this.storeTimeout = builder.storeTimeout;
		this.minLeaseTime = this.storeTimeout.multipliedBy(2);
		this.shutdownTimeout = builder.shutdownTimeout;
		this.sweepInterval = builder.sweepInterval;
		this.nanoTime = builder.nanoTime;
		this.wallMillis = builder.wallMillis;
		this.observer = builder.observer;
		this.timer = new LeaseTimer(threads("timer"));
		this.workers = pool(MAX_WORKERS, "worker");
		this.steppers = pool(MAX_STEPPERS, "stepper");
		this.cleaners = pool(MAX_CLEANERS, "cleaner");
		// A thread for each, as nobody knows what listeners do.
		this.notifier = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(),
				threads("notifier"));
		this.store.listen(this.id, this::hint);
		sweepLater();
	}

	/**
	 * Starts the description of an engine.
	 * @param store the store; the engine doesn't close it
	 * @return a builder
	 */
	public static Builder builder(LeaseStore store) {
		return new Builder(store);
	}

	/**
	 * Returns the store.
	 * @return the store that the engine was built on
	 */
	public LeaseStore store() {
		return this.store;
	}

	/**
	 * Returns what the engine is called in the owners of its claims.
	 * @return the name, unique in space and time, see {@link Claim#engine()}
	 */
	public String id() {
		return this.id;
	}

	/**
	 * Returns the shortest lease time that the engine takes: twice the store's time-out,
	 * so that a lease bears one lost renewal.
	 * @return the least lease time
	 */
	public Duration minLeaseTime() {
		return this.minLeaseTime;
	}

	/**
	 * Acquires a resource, and waits in line for it as long as the request says. If the
	 * store fails on the first call, that is the answer at once; once in line, failures
	 * of the store are borne until the time to wait is over.
	 * @param request what to acquire and how
	 * @return the lease, or empty if it was not to be had in time. It is valid unless
	 * this thread stood still after the store had answered, see {@link Lease#isValid()}
	 * @throws IllegalArgumentException if the lease time is shorter than
	 * {@link #minLeaseTime()}, or the store can't take the limit
	 * @throws LeaseStoreException if the store failed; nothing is held
	 * @throws LeaseOutcomeUnknownException if the store did not answer in time: nothing
	 * is held here, but the resource may be blocked until the engine has withdrawn the
	 * claim or the lease time has passed
	 * @throws LeaseInterruptedException if the thread was interrupted while it waited;
	 * its interrupt flag is set
	 * @throws LeaseEngineClosedException if the engine is closed
	 */
	public Optional<Lease> acquire(LeaseRequest request) {
		check(request);
		Attempt attempt = new Attempt(this, request, new Waiter(), observe(request));
		this.busy.add(attempt);
		try {
			return Optional.ofNullable(attempt.run());
		}
		finally {
			this.busy.remove(attempt);
		}
	}

	/**
	 * Acquires as {@link #acquire} does, without a thread that waits. No call to the
	 * store is made on the calling thread.
	 * @param request what to acquire and how
	 * @return completes with the lease, or empty if it was not to be had in time, or with
	 * an exception as there; completed by a thread that what hangs on it may keep. To
	 * cancel it leaves the line; a lease that comes all the same is given back. A lease
	 * belongs to who takes it from here: nobody else releases it.
	 * @throws IllegalArgumentException at once, as there
	 */
	public CompletableFuture<Optional<Lease>> acquireAsync(LeaseRequest request) {
		check(request);
		AsyncAttempt attempt = new AsyncAttempt(this, request, observe(request));
		this.busy.add(attempt);
		return attempt.start();
	}

	/**
	 * Waits until acquisitions that were cancelled have left their lines, and have given
	 * back what came all the same; at most for the time-out of the store. For who must
	 * not meet them, such as the next test.
	 * @return whether all have
	 */
	public boolean awaitCancelled() {
		return this.busy.awaitNone(
				(one) -> one instanceof Retried || (one instanceof AsyncAttempt attempt && attempt.isCancelled()),
				this.storeTimeout);
	}

	private LeaseObservation observe(LeaseRequest request) {
		return SafeObservation.of(this.observer, request, this.store);
	}

	private void check(LeaseRequest request) {
		if (request.leaseTime().compareTo(minLeaseTime()) < 0) {
			throw new IllegalArgumentException(
					"The lease time of '" + LeaseRequest.abbreviate(request.resource()) + "' is "
							+ request.leaseTime().toMillis() + " ms; it must be at least twice the store's time-out of "
							+ this.storeTimeout.toMillis() + " ms, so that one lost renewal doesn't lose the lease");
		}
		if (request.limit() != 1 && !this.store.capabilities().limits()) {
			throw new IllegalArgumentException("The store " + this.store.describe()
					+ " takes exclusive claims only, not a limit of " + request.limit());
		}
	}

	/**
	 * Describes what is held through this engine at this moment. No I/O.
	 * @return the leases, the oldest first
	 */
	public List<HeldResource> held() {
		Map<String, Integer> waiting = new HashMap<>();
		for (Object one : this.busy.all()) {
			Attempt attempt = attemptOf(one);
			if (attempt != null && attempt.isWaiting()) {
				waiting.merge(attempt.resource(), 1, Integer::sum);
			}
		}
		return this.held.all()
			.stream()
			.map((lease) -> lease.describe(waiting.getOrDefault(lease.resource(), 0)))
			.sorted(Comparator.comparing(HeldResource::since).thenComparing(HeldResource::token))
			.toList();
	}

	private static @Nullable Attempt attemptOf(Object busy) {
		if (busy instanceof AsyncAttempt async) {
			return async.attempt();
		}
		return (busy instanceof Attempt attempt) ? attempt : null;
	}

	/**
	 * Asks the store who holds a resource, in whichever process. One store call.
	 * @param resource name of the resource
	 * @return what the store knows, or empty if it can't look. The token of a holder in
	 * another process is the one of its first turn, as no store knows how often it was
	 * passed on there.
	 * @throws LeaseStoreException if the store failed
	 */
	public Optional<ResourceState> inspect(String resource) {
		return look(resource)
			.map((state) -> new ResourceState(inTokensOfTurns(state.holders()), state.waiters(), state.line()));
	}

	private Optional<ResourceState> look(String resource) {
		return guarded(() -> this.store.inspect(resource, this.storeTimeout));
	}

	private List<ResourceState.Holder> inTokensOfTurns(List<ResourceState.Holder> holders) {
		return holders.stream().map(this::inTokensOfTurns).toList();
	}

	/** Stores know tokens of grants only. */
	private ResourceState.Holder inTokensOfTurns(ResourceState.Holder holder) {
		long token = HandOver.token(holder.token(), 0);
		for (HeldLease lease : this.held.all()) {
			if (lease.owner().equals(holder.owner())) {
				token = Math.max(token, lease.token());
			}
		}
		return new ResourceState.Holder(holder.owner(), holder.limit(), token, holder.remaining());
	}

	/**
	 * Takes a resource from all who hold it, without asking them: for people, when a
	 * holder is known not to work on. A holder in this process is told at once, and so is
	 * one whose store tells of it; any other goes on until its next renewal, at most a
	 * third of its lease time, so that two may work at the same time, which only fencing
	 * tokens guard against.
	 * @param resource name of the resource
	 * @return who held it, or empty if the store can't look
	 * @throws LeaseStoreException if the store failed; some holders may have lost it
	 */
	public Optional<List<ResourceState.Holder>> forceRelease(String resource) {
		List<ResourceState.Holder> released = new ArrayList<>();
		for (int look = 0; look < MAX_FORCED_LOOKS; look++) {
			Optional<ResourceState> state = look(resource);
			if (state.isEmpty()) {
				return Optional.empty();
			}
			List<ResourceState.Holder> holders = state.get().holders();
			released.addAll(inTokensOfTurns(holders));
			holders.forEach((holder) -> forceRelease(resource, holder));
			if (holders.size() < ResourceState.MAX_HOLDERS) {
				break;
			}
		}
		return Optional.of(released);
	}

	private void forceRelease(String resource, ResourceState.Holder holder) {
		loseByForce(holder.owner());
		hint(guarded(() -> this.store.releaseByForce(resource, holder, this.storeTimeout)));
		// It may have been on its way from one thread to the next.
		loseByForce(holder.owner());
	}

	private void loseByForce(String owner) {
		for (HeldLease lease : this.held.all()) {
			if (lease.owner().equals(owner)) {
				lease.lose("it was released by force");
			}
		}
	}

	/**
	 * Makes a call to the store that changes nothing, to see whether it is there.
	 * @return how long the call took
	 * @throws LeaseStoreException if the store failed or did not answer in time
	 */
	public Duration ping() {
		long begin = nanoTime();
		guarded(() -> {
			this.store.ping(this.storeTimeout);
			return true;
		});
		return Duration.ofNanos(nanoTime() - begin);
	}

	/**
	 * Refuses new claims, lets all who wait leave the line, and waits up to the shutdown
	 * time-out for what is held to be released. What is held after that is marked lost
	 * and left to end by itself: it is not released under a body that still runs. At last
	 * it waits up to the store time-out for claims whose outcome is open.
	 */
	@Override
	public void close() {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.waiters.values().forEach(Waiter::signal);
		this.localLines.signalAll();
		// One that no thread waits for would not find it out by itself.
		this.busy.all().forEach((one) -> {
			if (one instanceof AsyncAttempt attempt) {
				attempt.trigger();
			}
		});
		this.held.awaitEmpty(this.shutdownTimeout);
		for (HeldLease lease : this.held.all()) {
			logger.warn("'{}' is still held as the application shuts down; it is left to its lease time",
					LeaseRequest.abbreviate(lease.resource()));
			lease.lose("the application shut down while it was held");
		}
		if (!this.busy.awaitEmpty(this.storeTimeout)) {
			logger.warn("{} claims whose outcome is open are left to their lease time", this.busy.all().size());
		}
		this.timer.close();
		this.workers.shutdown();
		this.steppers.shutdown();
		this.cleaners.shutdown();
		this.notifier.shutdown();
	}

	private void hint(String owner) {
		Waiter waiter = this.waiters.get(owner);
		if (waiter != null) {
			waiter.signal();
		}
	}

	private void sweepLater() {
		this.timer.after(this.sweepInterval.toNanos(), () -> {
			try {
				run(this.cleaners, this::sweep);
			}
			finally {
				sweepLater();
			}
		});
	}

	private void sweep() {
		try {
			this.store.sweep(this.storeTimeout);
		}
		catch (RuntimeException ex) {
			logger.warn("{} could not be swept; the next try is in {} min: {}", this.store.describe(),
					this.sweepInterval.toMinutes(), ex.toString());
		}
	}

	long nanoTime() {
		return this.nanoTime.getAsLong();
	}

	long wallMillis() {
		return this.wallMillis.getAsLong();
	}

	Duration storeTimeout() {
		return this.storeTimeout;
	}

	boolean isClosed() {
		return this.closed.get();
	}

	LocalLines localLines() {
		return this.localLines;
	}

	String newOwner(String note) {
		String identity = this.id + "-" + Long.toString(this.claims.incrementAndGet(), 36);
		return note.isEmpty() ? identity : identity + "." + OwnerNotes.encode(note);
	}

	/** A token to be exceeded by the grants of claims from now on. */
	long floor() {
		return this.floor.get();
	}

	/**
	 * A grant has been given out.
	 * @param grant its token, of the store
	 */
	void granted(long grant) {
		this.floor.accumulateAndGet(Math.min(grant, GREATEST_TOKEN), Math::max);
	}

	void register(String owner, Waiter waiter) {
		this.waiters.put(owner, waiter);
	}

	void unregister(String owner) {
		this.waiters.remove(owner);
	}

	/**
	 * Takes charge of a lease.
	 * @return false if the engine has been closed meanwhile
	 */
	boolean keep(HeldLease lease) {
		this.held.add(lease);
		if (this.closed.get()) {
			return false;
		}
		lease.start();
		return true;
	}

	void forget(HeldLease lease) {
		this.held.remove(lease);
	}

	/**
	 * Runs a renewal.
	 * @return false if it can't be run, as the engine is closed or threads are short
	 */
	boolean renew(Runnable task) {
		return run(this.workers, task);
	}

	private static boolean run(ThreadPoolExecutor threads, Runnable task) {
		try {
			threads.execute(task);
			return true;
		}
		catch (RejectedExecutionException | OutOfMemoryError ex) {
			logger.debug("Not run: the engine is closed, or there are no threads to be had", ex);
			return false;
		}
	}

	/**
	 * Runs a step of an attempt.
	 * @return false if it can't be run, as the engine is closed or threads are short
	 */
	boolean step(Runnable task) {
		return run(this.steppers, task);
	}

	void ended(AsyncAttempt attempt) {
		this.busy.remove(attempt);
	}

	/** Completes a future on a thread that the application may keep. */
	void complete(Runnable completion) {
		if (!run(this.notifier, completion)) {
			completion.run();
		}
	}

	/** Runs what belongs to the application. */
	void notify(Runnable task) {
		if (!run(this.notifier, task)) {
			logger.warn("Nobody could be told of the loss of a lease");
		}
	}

	/**
	 * Runs something short on the timer.
	 * @param nanos when, on {@link #nanoTime()}
	 * @return null if the engine is closed
	 */
	LeaseTimer.@Nullable Tick at(long nanos, Runnable task) {
		return this.timer.after(nanos - nanoTime(), task);
	}

	ClaimAnswer claim(Claim claim, Duration timeout) {
		return guarded(() -> this.store.claim(claim, timeout));
	}

	ClaimAnswer refresh(Claim claim, Duration timeout) {
		return guarded(() -> this.store.refresh(claim, timeout));
	}

	/**
	 * Takes a claim out of the line: one store call on this thread.
	 * @param claimUnknown whether a claim of this owner may yet arrive
	 */
	ReleaseAnswer release(Claim claim, boolean claimUnknown, Duration timeout) {
		// What is still under way can arrive as late as this call itself, so for longer
		// than both.
		Duration bar = claimUnknown ? claim.ttl().plus(this.storeTimeout.multipliedBy(2)) : Duration.ZERO;
		ReleaseAnswer answer = guarded(() -> this.store.release(claim, bar, timeout));
		hint(answer);
		return answer;
	}

	private void hint(ReleaseAnswer answer) {
		if (answer.offeredTo() != null) {
			hint(answer.offeredTo());
		}
	}

	/** What a store throws against its contract may come after the fact. */
	private <T> T guarded(Supplier<T> call) {
		try {
			return call.get();
		}
		catch (LeaseStoreException ex) {
			throw ex;
		}
		catch (RuntimeException | Error ex) {
			throw new LeaseOutcomeUnknownException("A call to " + this.store.describe() + " failed: " + ex, ex);
		}
	}

	/**
	 * Goes on trying to take a claim out of the line in the background, until the store
	 * confirms it or the claim must have ended by itself.
	 */
	void withdraw(Claim claim, boolean claimUnknown) {
		new Retried(() -> release(claim, claimUnknown, this.storeTimeout),
				nanoTime() + claim.ttl().plus(this.storeTimeout).toNanos(),
				"A claim on '" + LeaseRequest.abbreviate(claim.resource())
						+ "' could not be withdrawn and is left to its lease time")
			.start();
	}

	/**
	 * Sets the end of what is held.
	 * @param asked what is held, with its time from now on
	 * @return false if the store has no record of it
	 */
	boolean keepTaken(Claim asked, long grant) {
		return refresh(asked, this.storeTimeout) instanceof ClaimAnswer.Granted granted && granted.token() == grant;
	}

	/**
	 * Goes on trying to set the end of what is held in the background.
	 * @param end the end, on {@link #nanoTime()}
	 */
	void keepTakenLater(Claim claim, long grant, long end) {
		new Retried(() -> {
			long left = Math.max(TimeUnit.MILLISECONDS.toNanos(1), end - nanoTime());
			keepTaken(new Claim(claim.resource(), claim.owner(), claim.limit(), Duration.ofNanos(left), Duration.ZERO),
					grant);
		}, end, "That '" + LeaseRequest.abbreviate(claim.resource()) + "' stays taken could not be confirmed").start();
	}

	static Duration least(Duration a, Duration b) {
		return (a.compareTo(b) < 0) ? a : b;
	}

	private static ThreadPoolExecutor pool(int size, String name) {
		ThreadPoolExecutor pool = new ThreadPoolExecutor(size, size, 20, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				threads(name));
		pool.allowCoreThreadTimeOut(true);
		return pool;
	}

	private static ThreadFactory threads(String name) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, "concord-lease-" + name + "-" + number.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		};
	}

	private static String newId() {
		UUID uuid = UUID.randomUUID();
		ByteBuffer bytes = ByteBuffer.allocate(16);
		bytes.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
	}

	/** Makes a call to the store in the background until it succeeds or is pointless. */
	private final class Retried implements Runnable {

		private final Runnable call;

		private final long end;

		private final String purpose;

		private long pause = PAUSE_AFTER_FAILURE.toNanos();

		/**
		 * Creates one that has not begun.
		 * @param end when it becomes pointless, on {@link #nanoTime()}
		 * @param purpose what is given up then, for people
		 */
		Retried(Runnable call, long end, String purpose) {
			this.call = call;
			this.end = end;
			this.purpose = purpose;
		}

		void start() {
			LeaseEngine.this.busy.add(this);
			if (!LeaseEngine.run(LeaseEngine.this.cleaners, this)) {
				LeaseEngine.this.busy.remove(this);
			}
		}

		@Override
		public void run() {
			try {
				this.call.run();
			}
			catch (LeaseStoreException ex) {
				if (nanoTime() - this.end < 0 && runLater()) {
					return;
				}
				logger.warn("{}: {}", this.purpose, ex.toString());
			}
			LeaseEngine.this.busy.remove(this);
		}

		private boolean runLater() {
			long next = nanoTime() + this.pause;
			this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_AFTER_FAILURE.toNanos());
			return at(next, () -> {
				if (!LeaseEngine.run(LeaseEngine.this.cleaners, this)) {
					LeaseEngine.this.busy.remove(this);
				}
			}) != null;
		}

	}

	/**
	 * Describes an engine. Not thread-safe.
	 */
	public static final class Builder {

		private final LeaseStore store;

		private Duration storeTimeout = DEFAULT_STORE_TIMEOUT;

		private Duration shutdownTimeout = DEFAULT_SHUTDOWN_TIMEOUT;

		private Duration sweepInterval = SWEEP_INTERVAL;

		private LongSupplier nanoTime = System::nanoTime;

		private LongSupplier wallMillis = System::currentTimeMillis;

		private LeaseObserver observer = LeaseObserver.NONE;

		private Builder(LeaseStore store) {
			this.store = store;
		}

		/**
		 * Sets how long a store call may take.
		 * @param timeout longer than zero and at most 1 h; default
		 * {@link #DEFAULT_STORE_TIMEOUT}
		 * @return this builder
		 */
		public Builder storeTimeout(Duration timeout) {
			if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(LONGEST_STORE_TIMEOUT) > 0) {
				throw new IllegalArgumentException("The store's time-out must be longer than zero and at most "
						+ LONGEST_STORE_TIMEOUT.toHours() + " h, not " + timeout);
			}
			this.storeTimeout = timeout;
			return this;
		}

		/**
		 * Sets how long {@link LeaseEngine#close()} waits for leases that are held.
		 * @param timeout zero or longer; default {@link #DEFAULT_SHUTDOWN_TIMEOUT}
		 * @return this builder
		 */
		public Builder shutdownTimeout(Duration timeout) {
			if (timeout.isNegative()) {
				throw new IllegalArgumentException("The shutdown time-out must not be negative: " + timeout);
			}
			this.shutdownTimeout = timeout;
			return this;
		}

		/**
		 * Sets who is told of requests and their leases.
		 * @param observer the observer; default {@link LeaseObserver#NONE}
		 * @return this builder
		 */
		public Builder observer(LeaseObserver observer) {
			this.observer = observer;
			return this;
		}

		Builder sweepInterval(Duration interval) {
			this.sweepInterval = interval;
			return this;
		}

		Builder nanoTime(LongSupplier clock) {
			this.nanoTime = clock;
			return this;
		}

		Builder wallMillis(LongSupplier clock) {
			this.wallMillis = clock;
			return this;
		}

		/**
		 * Builds the engine and has it listen to the store.
		 * @return a new engine, to be closed
		 */
		public LeaseEngine build() {
			return new LeaseEngine(this);
		}

	}

}
