package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * What shutting down has to wait for. Adding and removing takes no lock until somebody
 * waits.
 *
 * @param <T> what is outstanding, told apart by identity
 */
final class Outstanding<T> {

	private final Set<T> all = ConcurrentHashMap.newKeySet();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition removed = this.lock.newCondition();

	private volatile boolean awaited;

	void add(T one) {
		this.all.add(one);
	}

	void remove(T one) {
		this.all.remove(one);
		if (this.awaited) {
			this.lock.lock();
			try {
				this.removed.signalAll();
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	List<T> all() {
		return new ArrayList<>(this.all);
	}

	/**
	 * Waits until there are none. Who interrupts is in a hurry: that ends the wait, and
	 * the flag stays set.
	 * @return whether there are none
	 */
	boolean awaitEmpty(Duration timeout) {
		return awaitNone((one) -> true, timeout);
	}

	/**
	 * Waits until there are none of a kind, as {@link #awaitEmpty} does.
	 * @return whether there are none
	 */
	boolean awaitNone(Predicate<T> kind, Duration timeout) {
		this.lock.lock();
		try {
			this.awaited = true;
			long left = timeout.toNanos();
			while (this.all.stream().anyMatch(kind) && left > 0) {
				left = this.removed.awaitNanos(left);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.lock.unlock();
		}
		return this.all.stream().noneMatch(kind);
	}

}
