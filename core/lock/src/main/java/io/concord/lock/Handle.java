package io.concord.lock;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import io.concord.lease.Fence;

/**
 * One acquisition of a lock.
 */
final class Handle implements HeldLock {

	private final Hold hold;

	private final AtomicBoolean closed = new AtomicBoolean();

	Handle(Hold hold) {
		this.hold = hold;
	}

	Hold hold() {
		return this.hold;
	}

	@Override
	public String name() {
		return this.hold.name();
	}

	@Override
	public long fencingToken() {
		return this.hold.lease().token();
	}

	@Override
	public Fence fence() {
		return this.hold.lease().fence();
	}

	@Override
	public void fencedOutBy(long token) {
		this.hold.lease().fencedOutBy(token);
	}

	@Override
	public boolean isHeld() {
		return !this.closed.get() && this.hold.lease().isValid();
	}

	@Override
	public void onLost(Consumer<String> listener) {
		this.hold.lease().onLost((reason) -> {
			if (!this.closed.get()) {
				listener.accept(reason);
			}
		});
	}

	@Override
	public void close() {
		if (this.closed.compareAndSet(false, true)) {
			this.hold.leave();
		}
	}

	@Override
	public String toString() {
		return "Lock '" + LockNames.abbreviate(name()) + "' with fencing token " + fencingToken()
				+ (isHeld() ? "" : " (not held)");
	}

}
