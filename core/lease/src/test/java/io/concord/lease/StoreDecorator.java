package io.concord.lease;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Passes every call on; base of stores that misbehave.
 */
public class StoreDecorator implements LeaseStore {

	protected final LeaseStore delegate;

	public StoreDecorator(LeaseStore delegate) {
		this.delegate = delegate;
	}

	@Override
	public String describe() {
		return this.delegate.describe();
	}

	@Override
	public String kind() {
		return this.delegate.kind();
	}

	@Override
	public StoreCapabilities capabilities() {
		return this.delegate.capabilities();
	}

	@Override
	public ClaimAnswer claim(Claim claim, Duration timeout) {
		return this.delegate.claim(claim, timeout);
	}

	@Override
	public ClaimAnswer refresh(Claim claim, Duration timeout) {
		return this.delegate.refresh(claim, timeout);
	}

	@Override
	public ReleaseAnswer release(Claim claim, Duration bar, Duration timeout) {
		return this.delegate.release(claim, bar, timeout);
	}

	@Override
	public Optional<ResourceState> inspect(String resource, Duration timeout) {
		return this.delegate.inspect(resource, timeout);
	}

	@Override
	public ReleaseAnswer releaseByForce(String resource, ResourceState.Holder holder, Duration timeout) {
		return this.delegate.releaseByForce(resource, holder, timeout);
	}

	@Override
	public void listen(String engine, Consumer<String> offered) {
		this.delegate.listen(engine, offered);
	}

	@Override
	public void sweep(Duration timeout) {
		this.delegate.sweep(timeout);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

}
