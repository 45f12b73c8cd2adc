package io.concord.idgen;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.ConcordException;
import io.concord.lease.LeaseStoreException;

/**
 * Holds a worker id for a generator: takes it, moves its mark ahead of time, and takes
 * another when it is lost.
 *
 * <p>
 * Who owns what: the lease, the owner and the failure belong to the keeper's thread, or
 * to the one that starts it before that runs. The generator is only ever told of marks
 * that the store has confirmed. Nothing here is under a deadline: an answer may be as
 * late as it likes, as the mark in it holds for good. If the thread hangs or dies, the
 * generator runs into the mark and stops by itself.
 */
final class WorkerIdKeeper implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(WorkerIdKeeper.class);

	/** How many times a mark is extended within its lead. */
	private static final int EXTENSIONS = 3;

	private static final int RETRIES_AT_START = 3;

	private static final long LEAST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final long CLOSE_MILLIS = 100;

	private final String generator;

	private final WorkerIdStore store;

	private final WorkerIdClaim template;

	private final Duration timeout;

	private final LongSupplier millis;

	private final LongSupplier nanoTime;

	private final Target target;

	private final IdGeneratorObserver observer;

	private final Consumer<Object> events;

	private final Thread thread;

	/** Held while the store is told of the end, so that no claim slips past it. */
	private final ReentrantLock closing = new ReentrantLock();

	private String owner = newOwner();

	private volatile @Nullable WorkerIdLease lease;

	private volatile @Nullable Exception failure;

	private volatile long highWater;

	private volatile long skew;

	private volatile long confirmedNanos;

	private volatile boolean closed;

	WorkerIdKeeper(String generator, WorkerIdStore store, WorkerIdClaim template, Duration timeout, LongSupplier millis,
			LongSupplier nanoTime, Target target, IdGeneratorObserver observer, Consumer<Object> events) {
		this.generator = generator;
		this.store = store;
		this.template = template;
		this.timeout = timeout;
		this.millis = millis;
		this.nanoTime = nanoTime;
		this.target = target;
		this.observer = observer;
		this.events = events;
		this.thread = new Thread(this::run, "concord-idgen-" + generator);
		this.thread.setDaemon(true);
	}

	private static String newOwner() {
		return UUID.randomUUID().toString();
	}

	/**
	 * Takes a worker id.
	 * @param patience for how long to wait for one to become free
	 * @param maxSkew by how much the clocks may differ
	 */
	void start(Duration patience, Duration maxSkew) {
		long end = this.nanoTime.getAsLong() + patience.toNanos();
		int failures = 0;
		while (true) {
			long before = this.millis.getAsLong();
			try {
				WorkerIdAnswer answer = claim();
				if (answer instanceof WorkerIdAnswer.Granted granted) {
					checkSkew(granted, before, maxSkew);
					take(granted);
					this.thread.start();
					return;
				}
				if (!(answer instanceof WorkerIdAnswer.Full) || this.nanoTime.getAsLong() - end >= 0) {
					throw refused(answer);
				}
			}
			catch (LeaseStoreException ex) {
				// With the same owner, a claim that was made after all is found again.
				if (++failures == RETRIES_AT_START) {
					throw ex;
				}
				logger.debug("No worker id for '{}' yet", this.generator, ex);
			}
			LockSupport.parkNanos(LEAST_PAUSE_NANOS * 5);
		}
	}

	private void checkSkew(WorkerIdAnswer.Granted granted, long before, Duration maxSkew) {
		long behind = granted.storeTime() - this.millis.getAsLong();
		long ahead = before - granted.storeTime();
		if (Math.max(behind, ahead) > maxSkew.toMillis()) {
			giveBack(granted.lease(), granted.floor());
			throw new ClockException(
					"The clock of this process is %d ms %s that of %s, more than the %d ms that '%s' allows".formatted(
							Math.max(behind, ahead), (ahead > behind) ? "ahead of" : "behind", this.store.describe(),
							maxSkew.toMillis(), this.generator));
		}
	}

	private ConcordException refused(WorkerIdAnswer answer) {
		if (answer instanceof WorkerIdAnswer.Full full) {
			return new NoFreeWorkerIdException(this.generator, this.template.first(), this.template.last(),
					full.holders());
		}
		return new LayoutMismatchException("'%s' has the layout '%s' here, but '%s' at %s".formatted(this.generator,
				this.template.layout(), ((WorkerIdAnswer.LayoutDiffers) answer).stored(), this.store.describe()));
	}

	private void run() {
		long pause = extensionNanos();
		while (!this.closed) {
			long next = this.nanoTime.getAsLong() + pause;
			// Woken by a generator that has reached its mark, or at the end.
			LockSupport.parkNanos(this, pause);
			long early = Math.min(next - this.nanoTime.getAsLong(), LEAST_PAUSE_NANOS);
			if (early > 0 && pause > LEAST_PAUSE_NANOS) {
				LockSupport.parkNanos(this, early);
			}
			if (!this.closed) {
				pause = step();
			}
		}
	}

	private long step() {
		try {
			WorkerIdLease held = this.lease;
			return (held != null) ? extend(held) : takeAnother();
		}
		catch (LeaseStoreException ex) {
			if (this.failure == null) {
				logger.warn("The mark of the worker id of '{}' can't be moved: {}. Ids go on up to the mark.",
						this.generator, ex.getMessage());
			}
			this.failure = ex;
		}
		catch (RuntimeException ex) {
			// Whatever it was, the thread must not end.
			logger.error("The worker id of '{}' can't be kept", this.generator, ex);
			this.failure = ex;
		}
		this.target.changed();
		return Math.min(RETRY_NANOS, extensionNanos());
	}

	private long extend(WorkerIdLease held) {
		long start = this.nanoTime.getAsLong();
		boolean answered = false;
		WorkerIdExtension answer;
		try {
			answer = this.store.extend(held, this.template.lead(), this.timeout);
			answered = true;
		}
		finally {
			this.observer.fetched(this.generator, this.nanoTime.getAsLong() - start, answered);
		}
		if (answer instanceof WorkerIdExtension.Extended extended) {
			confirmed(extended.highWater(), extended.storeTime());
			this.target.extend(extended.highWater());
			return extensionNanos();
		}
		String holder = ((WorkerIdExtension.Lost) answer).holder();
		this.target.retire();
		this.lease = null;
		this.owner = newOwner();
		this.failure = new IdsUnavailableException("The worker id " + held.workerId() + " of '" + this.generator
				+ "' was lost" + ((holder != null) ? " to " + holder : ""));
		logger.warn("'{}' has lost its worker id {}{} and takes another one", this.generator, held.workerId(),
				(holder != null) ? " to " + holder : "");
		publish(new WorkerIdLostEvent(this.generator, held.workerId(), holder));
		return 0;
	}

	private long takeAnother() {
		WorkerIdAnswer answer = claim();
		if (answer instanceof WorkerIdAnswer.Granted granted) {
			take(granted);
		}
		else {
			ConcordException refused = refused(answer);
			if (this.failure == null || this.failure.getClass() != refused.getClass()) {
				logger.error("There is no other worker id for '{}': {}", this.generator,
						(refused instanceof NoFreeWorkerIdException) ? "all are taken" : refused.getMessage());
			}
			this.failure = refused;
			this.target.changed();
		}
		return extensionNanos();
	}

	private WorkerIdAnswer claim() {
		long start = this.nanoTime.getAsLong();
		boolean answered = false;
		try {
			WorkerIdAnswer answer = this.store.claim(
					new WorkerIdClaim(this.template.space(), this.template.layout(), this.template.first(),
							this.template.last(), this.owner, this.template.holder(), this.template.lead()),
					this.timeout);
			answered = true;
			return answer;
		}
		finally {
			this.observer.fetched(this.generator, this.nanoTime.getAsLong() - start, answered);
		}
	}

	private void take(WorkerIdAnswer.Granted granted) {
		this.closing.lock();
		try {
			if (this.closed) {
				giveBack(granted.lease(), granted.floor());
				return;
			}
			this.lease = granted.lease();
			confirmed(granted.highWater(), granted.storeTime());
			this.target.install(granted);
		}
		finally {
			this.closing.unlock();
		}
		logger.info("'{}' has worker id {} from {}", this.generator, granted.lease().workerId(), this.store.describe());
		publish(new WorkerIdTakenEvent(this.generator, granted.lease().workerId()));
	}

	private void confirmed(long highWater, long storeTime) {
		this.highWater = highWater;
		this.skew = this.millis.getAsLong() - storeTime;
		this.confirmedNanos = this.nanoTime.getAsLong();
		if (this.failure != null) {
			logger.info("The mark of the worker id of '{}' is moved again", this.generator);
			this.failure = null;
		}
	}

	private void publish(Object event) {
		try {
			this.events.accept(event);
		}
		catch (RuntimeException ex) {
			logger.error("A listener failed on {}", event, ex);
		}
	}

	private long extensionNanos() {
		return this.template.lead().toNanos() / EXTENSIONS;
	}

	/** Asks for a look at the mark soon. */
	void hurry() {
		LockSupport.unpark(this.thread);
	}

	@Nullable Integer workerId() {
		WorkerIdLease held = this.lease;
		return (held != null) ? held.workerId() : null;
	}

	/** Why the last call of the store failed, or null if it didn't. */
	@Nullable Exception failure() {
		return this.failure;
	}

	/** Whether the store has confirmed a mark after a time of {@code nanoTime}. */
	boolean isConfirmedSince(long nanos) {
		return this.confirmedNanos - nanos > 0;
	}

	/** The last mark that was confirmed, ms since 1970. */
	long highWater() {
		return this.highWater;
	}

	/** How far the own clock was ahead of the store's at the last answer. */
	long skew() {
		return this.skew;
	}

	/**
	 * Gives the worker id back. A call of the thread that is under way goes on, bounded
	 * by its time-out; a worker id that it brings is given back as well.
	 */
	@Override
	public void close() {
		WorkerIdLease held;
		this.closing.lock();
		try {
			this.closed = true;
			held = this.lease;
			this.lease = null;
		}
		finally {
			this.closing.unlock();
		}
		LockSupport.unpark(this.thread);
		long issued = this.target.retire();
		if (held != null) {
			giveBack(held, issued);
		}
		try {
			this.thread.join(CLOSE_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void giveBack(WorkerIdLease held, long issued) {
		try {
			this.store.release(held, issued, this.timeout);
		}
		catch (ConcordException ex) {
			logger.debug("The worker id {} of '{}' is left to its mark", held.workerId(), this.generator, ex);
		}
	}

	/** The generator, as the keeper sees it. */
	interface Target {

		/** Begins to issue ids with a worker id. */
		void install(WorkerIdAnswer.Granted granted);

		/** Moves the end of what may be issued, ms since 1970. */
		void extend(long highWater);

		/**
		 * Ends what is issued with the worker id.
		 * @return the end of the last time that was issued or could have been, ms since
		 * 1970
		 */
		long retire();

		/** Tells those who wait that there is something to look at. */
		void changed();

	}

}
