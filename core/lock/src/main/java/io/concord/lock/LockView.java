package io.concord.lock;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseRequest;

/**
 * A lock in the shape of {@code java.util.concurrent}.
 */
final class LockView implements Lock {

	private final LeasedLocks locks;

	private final LockRequest request;

	private final String name;

	LockView(LeasedLocks locks, LockRequest request) {
		this.locks = locks;
		this.request = request;
		this.name = request.describe();
	}

	@Override
	public void lock() {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					lockInterruptibly();
					return;
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	@Override
	public void lockInterruptibly() throws InterruptedException {
		if (!tryLock(LeaseRequest.FOREVER)) {
			throw new LockUnavailableException(this.name, LeaseRequest.FOREVER);
		}
	}

	@Override
	public boolean tryLock() {
		return enter(this.locks.tryAcquire(this.name, this.request, Duration.ZERO));
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		return tryLock((time > 0) ? Duration.ofNanos(unit.toNanos(time)) : Duration.ZERO);
	}

	private boolean tryLock(Duration waitTime) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		try {
			return enter(this.locks.tryAcquire(this.name, this.request, waitTime));
		}
		catch (LeaseInterruptedException ex) {
			// As everywhere: who throws this has cleared the flag.
			Thread.interrupted();
			InterruptedException interrupted = new InterruptedException(ex.getMessage());
			interrupted.initCause(ex);
			throw interrupted;
		}
	}

	private static boolean enter(Optional<Handle> acquired) {
		acquired.ifPresent((handle) -> handle.hold().views().push(handle));
		return acquired.isPresent();
	}

	@Override
	public void unlock() {
		Hold hold = this.locks.heldByCurrentThread(this.name);
		Handle handle = (hold != null) ? hold.views().poll() : null;
		if (handle == null) {
			throw new IllegalMonitorStateException(
					"Lock '" + LockNames.abbreviate(this.name) + "' was not locked by this thread");
		}
		handle.close();
	}

	@Override
	public Condition newCondition() {
		throw new UnsupportedOperationException("A distributed lock has no conditions");
	}

	@Override
	public String toString() {
		return "Lock '" + LockNames.abbreviate(this.name) + "'";
	}

}
