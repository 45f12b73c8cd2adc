package io.concord.election;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;

/**
 * Balances elections over nodes, by what each node sees for itself. A node's load is how
 * many elections of this kind it leads: its own it knows, that of others is as old as its
 * last look at each election. Two rules:
 *
 * <ul>
 * <li><em>Decline</em>: who is granted an election leaves it to the next in line, before
 * it has led, if a candidate in the line has less load. The line ends at one with the
 * least load, which never declines. Views may be old, so who has declined accepts for an
 * interval of looks: a round in which all decline is followed by one in which the first
 * accepts.</li>
 * <li><em>Move</em>: a leader with at least two elections more than a candidate in the
 * line of one of them steps down from that one, once an interval. The difference of two,
 * and the interval in which the new leader is seen, keep elections from being sent
 * around.</li>
 * </ul>
 *
 * <p>
 * Nodes are told apart by their engines, not by their labels. {@code lock} guards all;
 * nothing waits under it and no other lock is taken.
 */
final class Spread {

	private final Supplier<String> ownEngine;

	private final LongSupplier nanoTime;

	private final ReentrantLock lock = new ReentrantLock();

	/** Which engine leads, as it was seen last. */
	private final Map<Candidacy, String> leaders = new HashMap<>();

	private final Map<Candidacy, Long> declined = new HashMap<>();

	private OptionalLong moved = OptionalLong.empty();

	Spread(Supplier<String> ownEngine, LongSupplier nanoTime) {
		this.ownEngine = ownEngine;
		this.nanoTime = nanoTime;
	}

	/**
	 * Says who leads an election.
	 * @param engine the engine that leads; null if none does
	 */
	void saw(Candidacy election, @Nullable String engine) {
		this.lock.lock();
		try {
			if (engine != null) {
				this.leaders.put(election, engine);
			}
			else {
				this.leaders.remove(election);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Whether it is worth a look at the line. */
	boolean mayDecline(Candidacy election, Duration interval) {
		String own = this.ownEngine.get();
		this.lock.lock();
		try {
			Long last = this.declined.get(election);
			boolean justDeclined = last != null && this.nanoTime.getAsLong() - last < interval.toNanos();
			return !justDeclined && load(own, election) > 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Decides whether to leave an election that was granted to others.
	 * @param line owners of the claims in its line
	 */
	boolean declines(Candidacy election, List<String> line) {
		String own = this.ownEngine.get();
		this.lock.lock();
		try {
			int load = load(own, election);
			boolean declines = others(line, own).stream().anyMatch((engine) -> load(engine, election) < load);
			if (declines) {
				this.declined.put(election, this.nanoTime.getAsLong());
			}
			return declines;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Decides whether to step down from an election that this node leads.
	 * @param line owners of the claims in its line
	 */
	boolean hasTooMany(Candidacy election, List<String> line, Duration interval) {
		String own = this.ownEngine.get();
		this.lock.lock();
		try {
			long now = this.nanoTime.getAsLong();
			if (now - this.moved.orElse(now - interval.toNanos()) < interval.toNanos()) {
				return false;
			}
			int load = load(own, null);
			boolean tooMany = others(line, own).stream().anyMatch((engine) -> load(engine, null) <= load - 2);
			if (tooMany) {
				this.moved = OptionalLong.of(now);
			}
			return tooMany;
		}
		finally {
			this.lock.unlock();
		}
	}

	private static Set<String> others(List<String> line, String own) {
		Set<String> engines = new HashSet<>();
		line.forEach((owner) -> engines.add(Claim.engineOf(owner)));
		engines.remove(own);
		return engines;
	}

	/** Under the lock. */
	private int load(String engine, @Nullable Candidacy except) {
		int load = 0;
		for (Map.Entry<Candidacy, String> leader : this.leaders.entrySet()) {
			if (leader.getValue().equals(engine) && leader.getKey() != except) {
				load++;
			}
		}
		return load;
	}

}
