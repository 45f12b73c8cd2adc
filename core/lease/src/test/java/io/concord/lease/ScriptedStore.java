package io.concord.lease;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/** Answers as it is told. */
final class ScriptedStore implements LeaseStore {

	private static final Claim NONE = new Claim("none", "none", 1, Duration.ofSeconds(30), Duration.ZERO);

	final AtomicInteger claims = new AtomicInteger();

	final AtomicInteger refreshes = new AtomicInteger();

	final AtomicInteger releases = new AtomicInteger();

	final AtomicInteger sweeps = new AtomicInteger();

	final Queue<Throwable> refreshFailures = new ConcurrentLinkedQueue<>();

	final Queue<RuntimeException> releaseFailures = new ConcurrentLinkedQueue<>();

	volatile CountDownLatch refreshGate = new CountDownLatch(0);

	volatile CountDownLatch releaseGate = new CountDownLatch(0);

	volatile Runnable onClaim = () -> {
	};

	volatile Runnable onRefresh = () -> {
	};

	volatile ClaimAnswer claimAnswer = new ClaimAnswer.Granted(42);

	volatile ClaimAnswer refreshAnswer = new ClaimAnswer.Granted(42);

	volatile ReleaseAnswer releaseAnswer = new ReleaseAnswer(true, null);

	volatile @Nullable RuntimeException claimFailure;

	volatile Claim lastClaimed = NONE;

	volatile Claim lastRefreshed = NONE;

	volatile Duration lastBar = Duration.ZERO;

	volatile Duration margin = Duration.ZERO;

	volatile boolean limits = true;

	volatile boolean sweepFailure;

	CountDownLatch blockRefreshes() {
		this.refreshGate = new CountDownLatch(1);
		return this.refreshGate;
	}

	CountDownLatch blockReleases() {
		this.releaseGate = new CountDownLatch(1);
		return this.releaseGate;
	}

	void answerAll() {
		this.refreshGate.countDown();
		this.releaseGate.countDown();
	}

	@Override
	public String describe() {
		return "scripted";
	}

	@Override
	public StoreCapabilities capabilities() {
		return new StoreCapabilities(true, true, this.limits, true, this.margin);
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		this.lastClaimed = claim;
		this.claims.incrementAndGet();
		this.onClaim.run();
		RuntimeException failure = this.claimFailure;
		if (failure != null) {
			throw failure;
		}
		return this.claimAnswer;
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		this.lastRefreshed = claim;
		this.refreshes.incrementAndGet();
		pass(this.refreshGate);
		this.onRefresh.run();
		Throwable failure = this.refreshFailures.poll();
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure != null) {
			throw (RuntimeException) failure;
		}
		return this.refreshAnswer;
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		this.lastBar = bar;
		this.releases.incrementAndGet();
		pass(this.releaseGate);
		RuntimeException failure = this.releaseFailures.poll();
		if (failure != null) {
			throw failure;
		}
		return this.releaseAnswer;
	}

	@Override
	public void sweep(Duration timeout) {
		this.sweeps.incrementAndGet();
		if (this.sweepFailure) {
			throw new LeaseStoreException("down");
		}
	}

	@Override
	public void close() {
	}

	static void pass(CountDownLatch gate) {
		try {
			gate.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
