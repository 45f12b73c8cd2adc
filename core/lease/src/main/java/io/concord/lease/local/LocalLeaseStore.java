package io.concord.lease.local;

import java.time.Duration;

import io.concord.lease.Claim;
import io.concord.lease.ClaimAnswer;
import io.concord.lease.LeaseStore;
import io.concord.lease.ReleaseAnswer;
import io.concord.lease.StoreCapabilities;

public final class LocalLeaseStore implements LeaseStore {

	public LocalLeaseStore() {
	}

	@Override
	public String describe() {
		throw new UnsupportedOperationException();
	}

	@Override
	public StoreCapabilities capabilities() {
		throw new UnsupportedOperationException();
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public void close() {
	}

}
