package io.concord.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * Lets one claim at a time per engine and name go to the store, so that a hot name costs
 * the store one place in its line for every process instead of one for every thread. The
 * others wait here, first in, first out. Who comes first joins the line of the store when
 * the one before it has left, behind those of other processes, or inherits what that one
 * held.
 *
 * <p>
 * One lock guards all, also the fields of passes; nothing waits under it and no other
 * lock is taken.
 */
final class LocalLines {

	private final ReentrantLock lock = new ReentrantLock();

	private final Map<String, Line> lines = new HashMap<>();

	/**
	 * Enters if nobody else is in. Otherwise stands in line.
	 * @param waiter signalled when its turn has come; null for not waiting
	 * @return the pass, which has its turn at once, or later, or is never to have one as
	 * it doesn't wait
	 */
	Pass enter(LeaseRequest request, @Nullable Waiter waiter) {
		this.lock.lock();
		try {
			Line line = this.lines.computeIfAbsent(request.resource(), (absent) -> new Line());
			Pass pass = new Pass(request, waiter);
			if (line.inside == null) {
				line.inside = pass;
			}
			else if (waiter != null) {
				line.outside.add(pass);
			}
			return pass;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Wakes all who wait. */
	void signalAll() {
		List<Pass> all = new ArrayList<>();
		this.lock.lock();
		try {
			this.lines.values().forEach((line) -> all.addAll(line.outside));
		}
		finally {
			this.lock.unlock();
		}
		all.forEach(Pass::signal);
	}

	/** Number of names that anybody is in or waits for. */
	int size() {
		this.lock.lock();
		try {
			return this.lines.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Number of those who wait here for a name. */
	int waiting(String name) {
		this.lock.lock();
		try {
			Line line = this.lines.get(name);
			return (line != null) ? line.outside.size() : 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	private static final class Line {

		private final Deque<Pass> outside = new ArrayDeque<>();

		private @Nullable Pass inside;

	}

	/** What a pass is good for. */
	enum Turn {

		/** Somebody else has the turn. */
		OUTSIDE,

		/** It is its turn to go to the store. */
		INSIDE,

		/** It inherits what the one before it held, unless that has been lost since. */
		HEIR

	}

	/** The place of one claim. */
	final class Pass {

		private final LeaseRequest request;

		private final @Nullable Waiter waiter;

		private boolean holds;

		/** Chosen to inherit, but the inheritance is yet to come. */
		private boolean promised;

		/** Has given up while it was promised something. */
		private boolean abandoned;

		private @Nullable HeldLease inheritance;

		Pass(LeaseRequest request, @Nullable Waiter waiter) {
			this.request = request;
			this.waiter = waiter;
		}

		LeaseRequest request() {
			return this.request;
		}

		Turn turn() {
			LocalLines.this.lock.lock();
			try {
				if (this.inheritance != null) {
					return Turn.HEIR;
				}
				Line line = LocalLines.this.lines.get(this.request.resource());
				return (line != null && line.inside == this && !this.promised) ? Turn.INSIDE : Turn.OUTSIDE;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
		}

		/** Whether the one who has its turn holds the resource. */
		boolean isHeldInside() {
			LocalLines.this.lock.lock();
			try {
				Line line = LocalLines.this.lines.get(this.request.resource());
				return line != null && line.inside != null && line.inside.holds;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
		}

		/** Says that the resource is held. */
		void hold() {
			LocalLines.this.lock.lock();
			try {
				this.holds = true;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
		}

		/**
		 * Leaves with what it holds promised to the next one outside, if that one asks
		 * for the same.
		 * @return the heir, to be {@linkplain #inherit told}, or null if there is none,
		 * and nothing has changed
		 */
		@Nullable Pass chooseHeir() {
			LocalLines.this.lock.lock();
			try {
				Line line = LocalLines.this.lines.get(this.request.resource());
				Pass first = (line != null && line.inside == this) ? line.outside.peek() : null;
				if (line == null || first == null || !first.request.takesOver(this.request)) {
					return null;
				}
				line.outside.remove();
				line.inside = first;
				first.promised = true;
				first.holds = true;
				return first;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
		}

		/**
		 * Gives the heir what it was promised.
		 * @return false if it has given up meanwhile
		 */
		boolean inherit(HeldLease lease) {
			LocalLines.this.lock.lock();
			try {
				this.promised = false;
				if (this.abandoned) {
					return false;
				}
				this.inheritance = lease;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
			signal();
			return true;
		}

		/** Takes what was inherited. */
		@Nullable HeldLease takeInheritance() {
			LocalLines.this.lock.lock();
			try {
				HeldLease taken = this.inheritance;
				this.inheritance = null;
				return taken;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
		}

		/**
		 * Gives up, inside or outside. Whether it is chosen to inherit is looked at and
		 * the place left in one step, or a lease could be left to one that has gone.
		 * @return what was inherited at the last moment, to be released; null if nothing
		 * was
		 */
		@Nullable HeldLease abandon() {
			Pass next;
			LocalLines.this.lock.lock();
			try {
				if (this.promised) {
					// Who promised it finds this, and leaves in our place.
					this.abandoned = true;
					return null;
				}
				if (this.inheritance != null) {
					return takeInheritance();
				}
				next = remove();
			}
			finally {
				LocalLines.this.lock.unlock();
			}
			if (next != null) {
				next.signal();
			}
			return null;
		}

		/** Leaves, inside or outside; the next one's turn comes. Again does nothing. */
		void leave() {
			Pass next;
			LocalLines.this.lock.lock();
			try {
				next = remove();
			}
			finally {
				LocalLines.this.lock.unlock();
			}
			if (next != null) {
				next.signal();
			}
		}

		/**
		 * Under the lock.
		 * @return whose turn has come by that
		 */
		private @Nullable Pass remove() {
			Line line = LocalLines.this.lines.get(this.request.resource());
			if (line == null) {
				return null;
			}
			Pass next = null;
			if (line.inside == this) {
				next = line.outside.poll();
				line.inside = next;
			}
			else {
				line.outside.remove(this);
			}
			if (line.inside == null) {
				LocalLines.this.lines.remove(this.request.resource());
			}
			return next;
		}

		/** Tells the heir that it won't get what it was promised. */
		void disinherit() {
			LocalLines.this.lock.lock();
			try {
				this.promised = false;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
			signal();
		}

		private void signal() {
			if (this.waiter != null) {
				this.waiter.signal();
			}
		}

	}

}
