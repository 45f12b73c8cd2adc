package io.concord.lease.zookeeper;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Knows until when a session lives at the least.
 *
 * <p>
 * The leader ends a session when it has not heard of it for the session time-out. Every
 * request says that the client lives, but a follower passes that on only with its answer
 * to the leader's next ping, which the leader sends every half a tick; if the follower
 * dies before that, the leader never hears of it. So when the leader has confirmed
 * something at {@code t}, what it certainly knows is the latest request that was sent a
 * tick before {@code t} and was answered. To have such a request at hand, the store asks
 * something every sixth of the session time-out.
 *
 * <p>
 * Without one, shortly after the start, there is still what ZooKeeper's client sees to:
 * it gives a connection up on which it has heard nothing for two thirds of the time-out.
 *
 * <p>
 * All moments are on {@link System#nanoTime()}. Thread-safe.
 */
final class Contacts {

	private final long sessionNanos;

	private final long tickNanos;

	private final ReentrantLock lock = new ReentrantLock();

	/** When requests were sent that were answered, the oldest first. */
	private final Deque<Long> sent = new ArrayDeque<>();

	Contacts(Duration sessionTimeout, Duration tickTime) {
		this.sessionNanos = sessionTimeout.toNanos();
		this.tickNanos = tickTime.toNanos();
	}

	/**
	 * A request was answered.
	 * @param sentAt when it was sent
	 */
	void answered(long sentAt) {
		this.lock.lock();
		try {
			Long last = this.sent.peekLast();
			if (last != null && sentAt - last < this.tickNanos / 8) {
				return;
			}
			this.sent.addLast(sentAt);
			Long oldest = this.sent.removeFirst();
			while (!this.sent.isEmpty() && sentAt - this.sent.getFirst() >= this.tickNanos) {
				oldest = this.sent.removeFirst();
			}
			this.sent.addFirst(oldest);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Returns until when the session lives at the least.
	 * @param confirmedAt when the request was sent by whose answer the leader has
	 * confirmed the session
	 */
	long livesUntil(long confirmedAt) {
		long known = confirmedAt - this.sessionNanos / 3 * 2 - this.tickNanos;
		this.lock.lock();
		try {
			for (long contact : this.sent) {
				if (confirmedAt - contact < this.tickNanos) {
					break;
				}
				known += Math.max(0, contact - known);
			}
		}
		finally {
			this.lock.unlock();
		}
		return known + this.sessionNanos;
	}

	/**
	 * Returns how long to wait until a lease that is granted then is worth having.
	 * @return ns, not above zero if it is already
	 */
	long untilReady(long now) {
		if (livesUntil(now) - now > this.sessionNanos / 10) {
			return 0;
		}
		this.lock.lock();
		try {
			for (long contact : this.sent) {
				if (now - contact < this.tickNanos) {
					return contact + this.tickNanos - now;
				}
			}
			return this.tickNanos;
		}
		finally {
			this.lock.unlock();
		}
	}

}
