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
 * others wait here, first in, first out; who comes first joins the line of the store when
 * the one before it has left, behind those of other processes.
 *
 * <p>
 * One lock guards all; nothing waits under it.
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
	Pass enter(String name, @Nullable Waiter waiter) {
		this.lock.lock();
		try {
			Line line = this.lines.computeIfAbsent(name, (absent) -> new Line());
			Pass pass = new Pass(name, waiter);
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

	private static final class Line {

		private final Deque<Pass> outside = new ArrayDeque<>();

		private @Nullable Pass inside;

	}

	/** The place of one claim. */
	final class Pass {

		private final String name;

		private final @Nullable Waiter waiter;

		private boolean holds;

		Pass(String name, @Nullable Waiter waiter) {
			this.name = name;
			this.waiter = waiter;
		}

		/** Whether it has its turn. */
		boolean isInside() {
			LocalLines.this.lock.lock();
			try {
				Line line = LocalLines.this.lines.get(this.name);
				return line != null && line.inside == this;
			}
			finally {
				LocalLines.this.lock.unlock();
			}
		}

		/** Whether the one who has its turn holds the resource. */
		boolean isHeldInside() {
			LocalLines.this.lock.lock();
			try {
				Line line = LocalLines.this.lines.get(this.name);
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

		/** Leaves, inside or outside; the next one's turn comes. Again does nothing. */
		void leave() {
			Pass next = null;
			LocalLines.this.lock.lock();
			try {
				Line line = LocalLines.this.lines.get(this.name);
				if (line == null) {
					return;
				}
				if (line.inside == this) {
					next = line.outside.poll();
					line.inside = next;
				}
				else {
					line.outside.remove(this);
				}
				if (line.inside == null) {
					LocalLines.this.lines.remove(this.name);
				}
			}
			finally {
				LocalLines.this.lock.unlock();
			}
			if (next != null) {
				next.signal();
			}
		}

		private void signal() {
			if (this.waiter != null) {
				this.waiter.signal();
			}
		}

	}

}
