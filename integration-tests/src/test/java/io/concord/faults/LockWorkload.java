package io.concord.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.springframework.dao.DataAccessException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionException;

import io.concord.lease.FencedOutException;
import io.concord.lease.Lease;
import io.concord.lease.LeaseEngine;
import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseRequest;
import io.concord.lease.LeaseStoreException;
import io.concord.test.faults.HistoryWriter;
import io.concord.test.faults.HistoryWriter.Begun;
import io.concord.test.faults.Operation.Outcome;
import io.concord.test.faults.Workload;

/**
 * Takes locks, writes under guard, reads without one, and gives them back. A holder never
 * looks whether it still is one: what it must not do, the guard has to refuse.
 */
final class LockWorkload implements Workload {

	/** Waits in line. The token is that of the lease, as for all that follows. */
	static final String ACQUIRE = "acquire";

	/** Waits in line without a thread. */
	static final String ASYNC = "acquire async";

	/** Does not wait. */
	static final String TRY = "try";

	/** From the first moment at which the lease was valid to the last that was seen. */
	static final String HOLD = "hold";

	static final String ANNOUNCE = "announce";

	static final String COMMIT = "commit";

	static final String READ = "read";

	static final String RELEASE = "release";

	/** From when a lease was seen not to be valid to when its listener was told. */
	static final String LOST = "lost";

	/** Acquires when all is well again. */
	static final String PROBE = "probe";

	/** Held for long by some threads of every worker. */
	private static final List<String> LONG_KEYS = List.of("long-0", "long-1");

	private static final List<String> SHORT_KEYS = IntStream.range(0, 6).mapToObj((number) -> "key-" + number).toList();

	static final List<String> KEYS = Stream.concat(LONG_KEYS.stream(), SHORT_KEYS.stream()).toList();

	private static final int LONG_THREADS = 2;

	static final Duration WAIT = Duration.ofSeconds(3);

	/** Much longer than anything may take, so that what takes too long is seen. */
	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final Duration SAMPLE = Duration.ofMillis(5);

	private final LeaseEngine engine;

	private final GuardedRegister register;

	private final HistoryWriter history;

	private final Duration leaseTime;

	private final Duration storeTimeout;

	private final List<AutoCloseable> resources;

	LockWorkload(LeaseEngine engine, GuardedRegister register, HistoryWriter history, Duration leaseTime,
			Duration storeTimeout, List<AutoCloseable> resources) {
		this.engine = engine;
		this.register = register;
		this.history = history;
		this.leaseTime = leaseTime;
		this.storeTimeout = storeTimeout;
		this.resources = new ArrayList<>(resources);
	}

	@Override
	public void operate(int thread, Random random) {
		List<String> keys = (thread < LONG_THREADS) ? LONG_KEYS : SHORT_KEYS;
		String key = keys.get(random.nextInt(keys.size()));
		int way = random.nextInt(100);
		// Some longer than a lease lasts without a renewal.
		Duration body = (random.nextInt(100) == 0) ? this.leaseTime.plusMillis(random.nextInt(500))
				: Duration.ofMillis((thread < LONG_THREADS) ? 300 + random.nextInt(600) : 10 + random.nextInt(80));
		boolean guarded = random.nextInt(100) < 70;
		Duration pause = Duration.ofMillis(random.nextInt(40));
		if (way < 15) {
			read(thread, key);
		}
		else {
			String op = (way < 30) ? TRY : (way < 45) ? ASYNC : ACQUIRE;
			LeaseRequest request = LeaseRequest.exclusive(key, op.equals(TRY) ? Duration.ZERO : WAIT, this.leaseTime);
			Lease lease = acquire(thread, op, (way < 55) ? request : request.notRenewed());
			if (lease != null) {
				hold(thread, lease, body, guarded);
			}
		}
		LockSupport.parkNanos(pause.toNanos());
	}

	private Lease acquire(int thread, String op, LeaseRequest request) {
		Begun acquire = this.history.begin(thread, op, request.resource(), 0);
		try {
			Optional<Lease> lease = op.equals(ASYNC) ? await(this.engine.acquireAsync(request))
					: this.engine.acquire(request);
			acquire.end(lease.isPresent() ? Outcome.OK : Outcome.FAIL, lease.map(Lease::token).orElse(0L));
			return lease.orElse(null);
		}
		catch (LeaseOutcomeUnknownException ex) {
			acquire.end(Outcome.INFO);
		}
		catch (LeaseStoreException ex) {
			acquire.end(Outcome.FAIL);
		}
		return null;
	}

	private static Optional<Lease> await(CompletableFuture<Optional<Lease>> future) {
		try {
			return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof LeaseStoreException failure) {
				throw failure;
			}
			throw new CompletionException(ex.getCause());
		}
		catch (TimeoutException ex) {
			throw new LeaseOutcomeUnknownException("It did not end", ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void hold(int thread, Lease lease, Duration body, boolean guarded) {
		AtomicLong toldAt = new AtomicLong();
		lease.onLost((reason) -> toldAt.set(System.nanoTime()));
		Begun hold = this.history.begin(thread, HOLD, lease.resource(), lease.token());
		Held held = new Held(thread, lease, toldAt, hold.invokeNs());
		try {
			if (guarded) {
				write(thread, lease, () -> held.go(body));
			}
			else {
				held.go(body);
			}
			held.look();
		}
		finally {
			// It may have come too late to be held at all.
			hold.end(held.wasValid ? Outcome.OK : Outcome.FAIL, lease.token(), held.lastValid);
			Begun release = this.history.begin(thread, RELEASE, lease.resource(), lease.token());
			release.end(switch (lease.release()) {
				case RELEASED -> Outcome.OK;
				case LOST -> Outcome.FAIL;
				case UNCONFIRMED -> Outcome.INFO;
			});
		}
	}

	private void write(int thread, Lease lease, Runnable body) {
		String key = lease.resource();
		Begun announce = this.history.begin(thread, ANNOUNCE, key, lease.token());
		Begun[] commit = new Begun[1];
		boolean[] announced = new boolean[1];
		Outcome outcome = Outcome.INFO;
		try {
			this.register.write(lease, key, lease.token(), () -> {
				announce.end(Outcome.OK);
				announced[0] = true;
				body.run();
			}, () -> commit[0] = this.history.begin(thread, COMMIT, key, lease.token()));
			outcome = Outcome.OK;
		}
		catch (FencedOutException ex) {
			outcome = Outcome.FAIL;
		}
		catch (IllegalTransactionStateException ex) {
			throw ex;
		}
		catch (DataAccessException | TransactionException | LeaseStoreException ex) {
			// It may have been committed.
		}
		finally {
			if (!announced[0]) {
				announce.end(outcome);
			}
			else if (commit[0] != null) {
				commit[0].end(outcome);
			}
		}
	}

	private void read(int thread, String key) {
		Begun read = this.history.begin(thread, READ, key, 0);
		try {
			read.end(Outcome.OK, this.register.read(key));
		}
		catch (DataAccessException ex) {
			read.end(Outcome.FAIL);
		}
	}

	@Override
	public void probe(int thread) {
		for (String key : KEYS) {
			Begun probe = this.history.begin(thread, PROBE, key, 0);
			Outcome outcome = Outcome.FAIL;
			long token = 0;
			long end = System.nanoTime() + this.leaseTime.plus(this.storeTimeout).plus(PATIENCE).toNanos();
			while (outcome != Outcome.OK && System.nanoTime() - end < 0) {
				try {
					Optional<Lease> lease = this.engine.acquire(LeaseRequest.exclusive(key, WAIT, this.leaseTime));
					if (lease.isPresent()) {
						token = lease.get().token();
						lease.get().release();
						outcome = Outcome.OK;
					}
				}
				catch (LeaseStoreException ex) {
					// As long as there is time.
				}
			}
			probe.end(outcome, token);
		}
	}

	/** So that the lock of a dead holder is there to be waited for. */
	@Override
	public void beforeDeath(int thread) {
		for (String key : KEYS) {
			Lease lease = acquire(thread, ACQUIRE, LeaseRequest.exclusive(key, WAIT, this.leaseTime));
			if (lease != null) {
				this.history.begin(thread, HOLD, key, lease.token());
				return;
			}
		}
	}

	@Override
	public void close() {
		this.engine.close();
		this.register.close();
		for (AutoCloseable resource : this.resources) {
			try {
				resource.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

	/**
	 * A lease while it is held. Belongs to its thread.
	 */
	private final class Held {

		private final int thread;

		private final Lease lease;

		private final AtomicLong toldAt;

		private long lastValid;

		private boolean wasValid;

		private boolean lossIsDone;

		Held(int thread, Lease lease, AtomicLong toldAt, long begin) {
			this.thread = thread;
			this.lease = lease;
			this.toldAt = toldAt;
			this.lastValid = begin;
		}

		void go(Duration time) {
			long begin = System.nanoTime();
			do {
				look();
				LockSupport.parkNanos(SAMPLE.toNanos());
			}
			while (System.nanoTime() - begin < time.toNanos());
		}

		void look() {
			// Before: what is valid after it was then.
			long before = System.nanoTime();
			if (this.lease.isValid()) {
				this.lastValid = before;
				this.wasValid = true;
			}
			else if (!this.lossIsDone) {
				awaitLoss();
			}
		}

		/** It may only be suspect, and come to be valid again. */
		private void awaitLoss() {
			Begun lost = LockWorkload.this.history.begin(this.thread, LOST, this.lease.resource(), this.lease.token());
			long end = System.nanoTime() + PATIENCE.toNanos();
			while (System.nanoTime() - end < 0) {
				if (this.toldAt.get() != 0) {
					lost.end(Outcome.OK, this.lease.token(), Math.max(lost.invokeNs(), this.toldAt.get()));
					this.lossIsDone = true;
					return;
				}
				if (this.lease.isValid()) {
					lost.end(Outcome.FAIL);
					return;
				}
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
			}
			lost.end(Outcome.INFO);
			this.lossIsDone = true;
		}

	}

}
