package io.concord.autoconfigure;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.LeaseStoreException;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.ResourceState;
import io.concord.lease.StoreCapabilities;

/**
 * A store that can't be reached, until it can.
 */
public class UnreachableStore implements LeaseStore {

	public final AtomicInteger refreshes = new AtomicInteger();

	public volatile boolean failing = true;

	@Override
	public String describe() {
		return "unreachable (nowhere)";
	}

	@Override
	public StoreCapabilities capabilities() {
		return new StoreCapabilities(true, true, true, true, Duration.ZERO);
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		throw new LeaseStoreException("told to fail");
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		this.refreshes.incrementAndGet();
		if (this.failing) {
			throw new LeaseStoreException("told to fail");
		}
		return new ClaimAnswer.Gone();
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		throw new LeaseStoreException("told to fail");
	}

	@Override
	public Optional<ResourceState> inspect(String resource, Duration timeout) {
		throw new LeaseStoreException("told to fail");
	}

	@Override
	public void close() {
	}

}
