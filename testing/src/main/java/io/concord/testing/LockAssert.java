package io.concord.testing;

import java.time.Duration;
import java.util.stream.Collectors;

import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

import io.concord.lock.DistributedLocks;
import io.concord.lock.LockStatus;

/**
 * Assertions on a lock. Each asks the store, whichever process or thread holds the lock.
 * Locks that were acquired by {@code @DistributedLock} have the name of the annotation, a
 * colon and the key.
 */
public final class LockAssert extends AbstractAssert<LockAssert, DistributedLocks> {

	private final String name;

	LockAssert(DistributedLocks locks, String name) {
		super(locks, LockAssert.class);
		this.name = name;
		as("Lock '%s'", name);
	}

	/**
	 * Verifies that anybody holds the lock.
	 * @return this
	 */
	public LockAssert isHeld() {
		held("held");
		return this;
	}

	/**
	 * Verifies that nobody holds the lock.
	 * @return this
	 */
	public LockAssert isFree() {
		LockStatus status = status();
		if (status.isHeld()) {
			failWithMessage("Expected the lock to be free, but %s", describe(status));
		}
		return this;
	}

	/**
	 * Verifies that the thread that asks holds the lock.
	 * @return this
	 */
	public LockAssert isHeldByThisThread() {
		if (!lockedByThisThread()) {
			failWithMessage("Expected the lock to be held by this thread, '%s', but %s",
					Thread.currentThread().getName(), describe(status()));
		}
		return this;
	}

	/**
	 * Verifies that the thread that asks does not hold the lock; another may.
	 * @return this
	 */
	public LockAssert isNotHeldByThisThread() {
		if (lockedByThisThread()) {
			failWithMessage("Expected the lock not to be held by this thread, '%s', but it is: %s",
					Thread.currentThread().getName(), describe(status()));
		}
		return this;
	}

	/**
	 * Verifies that the lock is held with a fencing token.
	 * @param token the token
	 * @return this
	 */
	public LockAssert hasFencingToken(long token) {
		LockStatus status = held("held with fencing token " + token);
		if (status.holders().stream().noneMatch((holder) -> holder.fencingToken() == token)) {
			failWithMessage("Expected the lock to be held with fencing token %s, but %s", token, describe(status));
		}
		return this;
	}

	/**
	 * Verifies that the lock is held, by all holders with tokens larger than another,
	 * such as that of an earlier holder.
	 * @param token the other token
	 * @return this
	 */
	public LockAssert hasFencingTokenGreaterThan(long token) {
		LockStatus status = held("held with a fencing token greater than " + token);
		if (status.holders().stream().anyMatch((holder) -> holder.fencingToken() <= token)) {
			failWithMessage("Expected the lock to be held with a fencing token greater than %s, but %s", token,
					describe(status));
		}
		return this;
	}

	private LockStatus held(String expected) {
		LockStatus status = status();
		if (!status.isHeld()) {
			failWithMessage("Expected the lock to be %s, but %s", expected, describe(status));
		}
		return status;
	}

	private LockStatus status() {
		return locks().status(this.name);
	}

	private boolean lockedByThisThread() {
		return locks().isHeldByCurrentThread(this.name);
	}

	private DistributedLocks locks() {
		isNotNull();
		return this.actual;
	}

	private static String describe(LockStatus status) {
		if (!status.isHeld()) {
			return "nobody holds it. The name of a lock of @DistributedLock is 'name:key'";
		}
		return status.holders()
			.stream()
			.map((holder) -> "it is held by claim '%s' with fencing token %d%s".formatted(holder.owner(),
					holder.fencingToken(), describe(holder.remaining())))
			.collect(Collectors.joining("; ", "", (status.waiters() > 0) ? "; " + status.waiters() + " wait" : ""));
	}

	private static String describe(@Nullable Duration remaining) {
		return (remaining != null) ? ", for another %d ms unless it is renewed".formatted(remaining.toMillis()) : "";
	}

}
