package io.concord.testing;

import io.concord.lock.DistributedLocks;

/**
 * Entry points of assertions on what Concord keeps, in the style of AssertJ.
 *
 * <pre class="code">
 * assertThatLock(locks, "stock:42").isHeld();
 * </pre>
 */
public final class ConcordAssertions {

	private ConcordAssertions() {
	}

	/**
	 * Starts assertions on a lock. Each looks at the store anew.
	 * @param locks the locks, such as the bean of the application
	 * @param name full name of the lock, with its key: {@code stock:42}
	 * @return the assertions
	 */
	public static LockAssert assertThatLock(DistributedLocks locks, String name) {
		return new LockAssert(locks, name);
	}

}
