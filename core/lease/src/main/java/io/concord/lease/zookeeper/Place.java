package io.concord.lease.zookeeper;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import io.concord.lease.Claim;
import io.concord.lease.zookeeper.Session.Created;

/**
 * What a store knows of a claim that it has made. It is the store that ends a claim of
 * its own whose time is over, as ZooKeeper ends claims with their session only; so the
 * time of a claim lasts as long as its process lives, and the session time-out when not.
 *
 * <p>
 * {@code ended} is set once, by a release, the end of its time, or the loss of the node;
 * after that nothing makes the place valid again: an answer that comes later finds it
 * ended.
 */
final class Place {

	private final Claim claim;

	private final String line;

	private final long sessionId;

	private final ReentrantLock lock = new ReentrantLock();

	/** The node, or how its creation failed. Replaced only by a node that was found. */
	private volatile CompletableFuture<Created> creation = new CompletableFuture<>();

	/** On the store's clock. */
	private volatile long deadline;

	private volatile boolean held;

	private boolean ended;

	/** The node whose change is told to the waiter, while it is not told yet. */
	private volatile @Nullable String watched;

	/** When the line was looked at, on {@code nanoTime}. */
	private volatile long lookedAt;

	private volatile int ahead;

	/**
	 * Creates a place.
	 * @param line path of the line
	 * @param deadline until when it may be made
	 */
	Place(Claim claim, String line, long sessionId, long deadline) {
		this.claim = claim;
		this.line = line;
		this.sessionId = sessionId;
		this.deadline = deadline;
	}

	Claim claim() {
		return this.claim;
	}

	String line() {
		return this.line;
	}

	long sessionId() {
		return this.sessionId;
	}

	CompletableFuture<Created> creation() {
		return this.creation;
	}

	void creation(CompletableFuture<Created> known) {
		this.creation = known;
	}

	boolean isHeld() {
		return this.held;
	}

	boolean isOverdue(long now) {
		return this.deadline - now <= 0;
	}

	/** Returns for how long it lasts if nothing extends it, ns. */
	long remaining(long now) {
		return Math.max(0, this.deadline - now);
	}

	/**
	 * Notes that it holds.
	 * @return false if it has ended
	 */
	boolean hold(long until) {
		return extend(until, true);
	}

	/**
	 * Notes that it waits.
	 * @return false if it has ended
	 */
	boolean stand(long until) {
		return extend(until, false);
	}

	private boolean extend(long until, boolean holds) {
		this.lock.lock();
		try {
			if (this.ended) {
				return false;
			}
			this.held |= holds;
			this.deadline = until;
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Ends it.
	 * @return false if it had ended
	 */
	boolean end() {
		this.lock.lock();
		try {
			boolean first = !this.ended;
			this.ended = true;
			return first;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Nullable String watched() {
		return this.watched;
	}

	void watch(@Nullable String path) {
		this.watched = path;
	}

	/** Notes what a look at the line has shown. */
	void looked(long now, int placesAhead) {
		this.lookedAt = now;
		this.ahead = placesAhead;
	}

	long lookedAt() {
		return this.lookedAt;
	}

	int ahead() {
		return this.ahead;
	}

}
