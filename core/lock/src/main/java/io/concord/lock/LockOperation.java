package io.concord.lock;

import java.time.Duration;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

import io.concord.invocation.InvalidKeyException;
import io.concord.invocation.KeyExpression;
import io.concord.invocation.OtherwiseAction;

/**
 * What {@link DistributedLock} on a method comes to.
 *
 * @param name name of the lock without the key
 * @param key the key, if there is one
 * @param waitTime how long to wait
 * @param leaseTime how long to hold the lock at most; {@code null} for as long as the
 * method runs
 * @param otherwise what to do if the lock is not to be had in time
 * @param heldLockIndex index of the parameter that takes the lock, or -1
 */
record LockOperation(String name, @Nullable KeyExpression key, Duration waitTime, @Nullable Duration leaseTime,
		OtherwiseAction otherwise, int heldLockIndex) {

	@Nullable Object invoke(ProxyMethodInvocation invocation, DistributedLocks locks) throws Throwable {
		String lockName = fullName(invocation.getArguments());
		HeldLock acquired;
		try {
			DistributedLocks labelled = locks.labelled(this.name);
			acquired = (this.leaseTime != null) ? labelled.acquire(lockName, this.waitTime, this.leaseTime)
					: labelled.acquire(lockName, this.waitTime);
		}
		catch (LockUnavailableException ex) {
			return this.otherwise.apply(invocation, ex);
		}
		// What the method throws wins over the loss of the lock, which is suppressed.
		try (HeldLock lock = acquired) {
			if (this.heldLockIndex >= 0) {
				@Nullable Object[] arguments = invocation.getArguments();
				arguments = Arrays.copyOf(arguments, arguments.length);
				arguments[this.heldLockIndex] = lock;
				invocation.setArguments(arguments);
			}
			return invocation.proceed();
		}
	}

	private String fullName(@Nullable Object[] arguments) {
		if (this.key == null) {
			return this.name;
		}
		String value = this.key.evaluate(arguments);
		String fullName = this.name + ":" + value;
		if (fullName.length() > LockNames.MAX_LENGTH) {
			throw new InvalidKeyException(this.key.describe() + " has " + value.length()
					+ " characters and begins with '" + LockNames.abbreviate(value)
					+ "'. Name and key of a lock must not exceed " + LockNames.MAX_LENGTH
					+ " characters together: use a shorter key, such as an id or a hash.");
		}
		return fullName;
	}

}
