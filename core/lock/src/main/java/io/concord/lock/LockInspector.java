package io.concord.lock;

import java.util.List;
import java.util.Optional;

import io.concord.lease.HeldResource;
import io.concord.lease.ResourceState;

/**
 * Looks at locks from outside, for operators: what this process holds, who holds a lock
 * anywhere, and the release of a lock by force. Thread-safe.
 */
public final class LockInspector {

	private final LeasedLocks locks;

	private LockInspector(LeasedLocks locks) {
		this.locks = locks;
	}

	/**
	 * Returns an inspector.
	 * @param locks locks that {@link DistributedLocks} has created
	 * @return their inspector
	 * @throws IllegalArgumentException if they are another implementation
	 */
	public static LockInspector of(DistributedLocks locks) {
		if (locks instanceof LeasedLocks leased) {
			return new LockInspector(leased);
		}
		throw new IllegalArgumentException("These locks can't be inspected: " + locks);
	}

	/**
	 * Describes the locks that this process holds. No I/O.
	 * @return the leases of locks, the oldest first, each with the full name of its lock
	 * as the {@link HeldResource#resource() resource}
	 */
	public List<HeldResource> held() {
		return this.locks.engine()
			.held()
			.stream()
			.filter((lease) -> lease.resource().startsWith(LockNames.PREFIX))
			.map((lease) -> new HeldResource(lease.label(), lease.resource().substring(LockNames.PREFIX.length()),
					lease.owner(), lease.limit(), lease.token(), lease.since(), lease.remaining(), lease.validUntil(),
					lease.waiters()))
			.toList();
	}

	/**
	 * Asks the store who holds a lock, in whichever process. One store call.
	 * @param name full name of the lock
	 * @return its status, or empty if the store can't look
	 * @throws IllegalArgumentException if the name is empty or longer than 1,024
	 * characters
	 * @throws io.concord.lease.LeaseStoreException if the store failed
	 */
	public Optional<LockStatus> status(String name) {
		return this.locks.engine()
			.inspect(LockNames.resource(name))
			.map((state) -> new LockStatus(name, holders(state.holders()), state.waiters()));
	}

	/**
	 * Takes a lock from whoever holds it, without asking: for people, when the holder is
	 * known not to work on. A holder in this process is told at once; another goes on
	 * until its next renewal, at most a third of its lease time, and the next holder
	 * works beside it so long, which only the fencing token guards against.
	 * @param name full name of the lock
	 * @return who held it until now, or empty if the store can't look
	 * @throws IllegalArgumentException if the name is empty or longer than 1,024
	 * characters
	 * @throws io.concord.lease.LeaseStoreException if the store failed
	 */
	public Optional<List<LockStatus.Holder>> forceRelease(String name) {
		return this.locks.engine().forceRelease(LockNames.resource(name)).map(LockInspector::holders);
	}

	/**
	 * Gives back every lock and permit that this process holds, as if it had been closed
	 * as often as acquired, and has every acquisition by future that is under way leave
	 * the line: for tests, between which nothing may be left. A body that still runs goes
	 * on without its lock. Threads that wait go on to wait.
	 * @return the full names of the locks
	 */
	public List<String> giveBackAll() {
		return this.locks.giveBackAll();
	}

	private static List<LockStatus.Holder> holders(List<ResourceState.Holder> holders) {
		return holders.stream()
			.map((holder) -> new LockStatus.Holder(holder.owner(), holder.token(), holder.remaining()))
			.toList();
	}

}
