package io.concord.invocation;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that runs the body of an annotated method, to be interrupted as long as it
 * is inside, and never after. Thread-safe.
 */
public final class BodyThread {

	private final Thread thread = Thread.currentThread();

	private final ReentrantLock lock = new ReentrantLock();

	private boolean inside = true;

	/** Whether the thread's flag was set here. */
	private boolean interrupted;

	/**
	 * Returns whether the calling thread runs the body.
	 * @return whether it is this thread
	 */
	public boolean isThisOne() {
		return this.thread == Thread.currentThread();
	}

	/**
	 * Interrupts the body, if it has not ended.
	 */
	public void interrupt() {
		this.lock.lock();
		try {
			if (this.inside) {
				this.interrupted |= !this.thread.isInterrupted();
				this.thread.interrupt();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Says, on the thread of the body, that it has ended. Clears the thread's flag if it
	 * was set by {@link #interrupt()}; an interrupt by others that came after that can't
	 * be told from it.
	 * @return whether the body was interrupted
	 */
	public boolean leave() {
		this.lock.lock();
		try {
			this.inside = false;
			if (this.interrupted) {
				Thread.interrupted();
			}
			return this.interrupted;
		}
		finally {
			this.lock.unlock();
		}
	}

}
