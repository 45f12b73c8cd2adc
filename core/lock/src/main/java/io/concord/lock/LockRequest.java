package io.concord.lock;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;

/**
 * What is asked of {@link DistributedLocks}. Immutable: every method returns another one.
 *
 * <pre class="code">
 * locks.acquire(LockRequest.of("import").limit(4).waitTime(Duration.ofSeconds(10)))
 * </pre>
 */
public final class LockRequest {

	/** Most locks that can be acquired at once. */
	public static final int MOST_NAMES = 100;

	private final List<String> names;

	private final Duration waitTime;

	private final @Nullable Duration leaseTime;

	private final int limit;

	private final Duration minHold;

	private final boolean handOver;

	private LockRequest(List<String> names, Duration waitTime, @Nullable Duration leaseTime, int limit,
			Duration minHold, boolean handOver) {
		this.names = names;
		this.waitTime = waitTime;
		this.leaseTime = leaseTime;
		this.limit = limit;
		this.minHold = minHold;
		this.handOver = handOver;
	}

	/**
	 * Asks for a lock for oneself alone, without waiting for it.
	 * @param name name of the lock, 1 to 1,024 characters
	 * @return the request
	 * @throws IllegalArgumentException if the name is empty or too long
	 */
	public static LockRequest of(String name) {
		LockNames.resource(name);
		return new LockRequest(List.of(name), Duration.ZERO, null, 1, Duration.ZERO, true);
	}

	/**
	 * Asks for several locks, all or none of them. They are acquired in the order of
	 * their names, whatever the order in which they are given, so that two who ask for
	 * the same ones don't wait for each other for ever.
	 * @param names names of the locks, at least one and at most {@value #MOST_NAMES};
	 * repeated ones count once
	 * @return the request
	 * @throws IllegalArgumentException if there are none or too many, or one is empty or
	 * too long
	 */
	public static LockRequest allOf(Collection<String> names) {
		List<String> sorted = List.copyOf(new TreeSet<>(names));
		if (sorted.isEmpty() || sorted.size() > MOST_NAMES) {
			throw new IllegalArgumentException(
					"Between 1 and " + MOST_NAMES + " locks can be acquired at once, not " + sorted.size());
		}
		sorted.forEach(LockNames::resource);
		return new LockRequest(sorted, Duration.ZERO, null, 1, Duration.ZERO, true);
	}

	/**
	 * Sets how long to wait.
	 * @param waitTime zero for not at all
	 * @return the changed request
	 * @throws IllegalArgumentException if it is negative
	 */
	public LockRequest waitTime(Duration waitTime) {
		if (waitTime.isNegative()) {
			throw new IllegalArgumentException("The time to wait for '" + LockNames.abbreviate(describe())
					+ "' must not be negative: " + waitTime + ". Use zero for not waiting at all.");
		}
		return new LockRequest(this.names, waitTime, this.leaseTime, this.limit, this.minHold, this.handOver);
	}

	/**
	 * Sets after which time the lock is lost if it is still held then. By default it
	 * renews itself while it is held.
	 * @param leaseTime at least twice the store's time-out; null for renewal
	 * @return the changed request
	 */
	public LockRequest leaseTime(@Nullable Duration leaseTime) {
		return new LockRequest(this.names, this.waitTime, leaseTime, this.limit, this.minHold, this.handOver);
	}

	/**
	 * Sets whom to keep out.
	 * @param mode the mode
	 * @return the changed request
	 */
	public LockRequest mode(LockMode mode) {
		return withLimit((mode == LockMode.READ) ? Claim.SHARED : 1);
	}

	/**
	 * Sets how many may hold the lock at the same time. Those who ask with different
	 * limits keep to the least one of those that hold it.
	 * @param limit at least 1
	 * @return the changed request
	 * @throws IllegalArgumentException if it is less than 1
	 */
	public LockRequest limit(int limit) {
		if (limit < 1) {
			throw new IllegalArgumentException(
					"The limit of '" + LockNames.abbreviate(describe()) + "' must be at least 1, not " + limit);
		}
		return withLimit(limit);
	}

	private LockRequest withLimit(int limit) {
		return new LockRequest(this.names, this.waitTime, this.leaseTime, limit, this.minHold, this.handOver);
	}

	/**
	 * Sets for how long the lock stays taken, counted from its acquisition, even if it is
	 * given back before: nobody else gets it until then, whatever happens to this
	 * process.
	 * @param minHold zero for no such time
	 * @return the changed request
	 * @throws IllegalArgumentException if it is negative
	 */
	public LockRequest minHold(Duration minHold) {
		if (minHold.isNegative()) {
			throw new IllegalArgumentException("The least time to hold '" + LockNames.abbreviate(describe())
					+ "' must not be negative: " + minHold);
		}
		return new LockRequest(this.names, this.waitTime, this.leaseTime, this.limit, minHold, this.handOver);
	}

	/**
	 * Sets whether the lock may be passed on within the process, as
	 * {@link LockSettings#handOver()} says. By default it may.
	 * @param handOver false if every holder goes to the store
	 * @return the changed request
	 */
	public LockRequest handOver(boolean handOver) {
		return new LockRequest(this.names, this.waitTime, this.leaseTime, this.limit, this.minHold, handOver);
	}

	/** The same for other locks. */
	LockRequest named(Collection<String> names) {
		LockRequest named = allOf(names);
		return new LockRequest(named.names, this.waitTime, this.leaseTime, this.limit, this.minHold, this.handOver);
	}

	List<String> names() {
		return this.names;
	}

	Duration waitTime() {
		return this.waitTime;
	}

	@Nullable Duration leaseTime() {
		return this.leaseTime;
	}

	int limit() {
		return this.limit;
	}

	Duration minHold() {
		return this.minHold;
	}

	boolean handOver() {
		return this.handOver;
	}

	/** The locks as a message and an exception show them. */
	String describe() {
		return String.join(", ", this.names);
	}

	@Override
	public String toString() {
		return "Request for " + LockNames.abbreviate(describe());
	}

}
