package io.concord.lock;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;
import io.concord.lease.local.LocalLeaseStore;

/**
 * The local store with counters and switches.
 */
class TestStore implements LeaseStore {

	private final LocalLeaseStore store = new LocalLeaseStore();

	final AtomicInteger claims = new AtomicInteger();

	final AtomicInteger releases = new AtomicInteger();

	private volatile @Nullable Claim lastClaim;

	volatile @Nullable LeaseStoreException failure;

	/** Claims on this resource fail. */
	volatile @Nullable String failOn;

	volatile boolean forgetful;

	Claim lastClaim() {
		return Objects.requireNonNull(this.lastClaim);
	}

	int calls() {
		return this.claims.get() + this.releases.get();
	}

	@Override
	public String describe() {
		return "test";
	}

	@Override
	public StoreCapabilities capabilities() {
		return this.store.capabilities();
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		this.claims.incrementAndGet();
		this.lastClaim = claim;
		if (claim.resource().equals(this.failOn)) {
			throw new LeaseStoreException("fails on " + this.failOn);
		}
		failIfTold();
		return this.store.claim(claim, timeout);
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		failIfTold();
		return this.forgetful ? new ClaimAnswer.Gone() : this.store.refresh(claim, timeout);
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		this.releases.incrementAndGet();
		failIfTold();
		ReleaseAnswer answer = this.store.release(claim, bar, timeout);
		return this.forgetful ? new ReleaseAnswer(false, answer.offeredTo()) : answer;
	}

	@Override
	public void listen(String engine, Consumer<String> offered) {
		this.store.listen(engine, offered);
	}

	@Override
	public void close() {
		this.store.close();
	}

	private void failIfTold() {
		LeaseStoreException failure = this.failure;
		if (failure != null) {
			throw failure;
		}
	}

}
