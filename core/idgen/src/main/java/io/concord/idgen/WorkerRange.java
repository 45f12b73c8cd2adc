package io.concord.idgen;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one holder of one worker id may issue. A position is the number of an id without
 * the worker: units of time since the epoch, then the sequence. The range begins above
 * the floor of the grant and ends at the confirmed mark, which is moved on while the
 * worker id is held. {@link #next} only rises, so no position is taken twice.
 *
 * <p>
 * The mark only rises too, and stays true when the worker id has passed to another, who
 * begins above it. So it does not matter how old the mark is that a thread reads, nor how
 * long it pauses between reading it and returning an id.
 */
final class WorkerRange {

	/** What {@link #next} is when the range was closed. */
	static final long CLOSED = Long.MAX_VALUE;

	final int worker;

	/** The unit of time with which the range begins. */
	final long firstTick;

	/** The first position that nobody has taken. */
	final AtomicLong next;

	/** How far logical time may be ahead of the clock, in units. */
	final long maxLead;

	/** The last unit of time that lies at or below the mark as a whole. */
	private volatile long lastTick;

	WorkerRange(int worker, long firstTick, int sequenceBits, long maxLead, long lastTick) {
		this.worker = worker;
		this.firstTick = firstTick;
		this.next = new AtomicLong(firstTick << sequenceBits);
		this.maxLead = maxLead;
		this.lastTick = lastTick;
	}

	long lastTick() {
		return this.lastTick;
	}

	/** Called by one thread only. */
	void extend(long lastTick) {
		if (lastTick > this.lastTick) {
			this.lastTick = lastTick;
		}
	}

	/**
	 * Ends the range: nothing can be taken any more.
	 * @return the first position that was not taken, or {@link #CLOSED} if it was closed
	 */
	long close() {
		return this.next.getAndSet(CLOSED);
	}

}
