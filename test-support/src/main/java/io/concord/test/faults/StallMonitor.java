package io.concord.test.faults;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Notices when this process stands still, whoever stopped it: a signal, a collection of
 * garbage, or a machine with too much to do. What is promised in real time is promised to
 * a process that runs, so bounds are judged without these times; that they are measured,
 * and shown, keeps a loaded machine from failing a test, and a test from excusing itself
 * with it.
 */
final class StallMonitor implements AutoCloseable {

	/** The number of the thread in the history. */
	static final int THREAD = Operation.THREADS - 1;

	private static final long PERIOD_NANOS = Duration.ofMillis(10).toNanos();

	/** What is shorter is within anybody's margin. */
	private static final long LEAST_STALL_NANOS = Duration.ofMillis(50).toNanos();

	private final HistoryWriter history;

	private final Thread thread;

	private volatile boolean closed;

	StallMonitor(HistoryWriter history) {
		this.history = history;
		this.thread = new Thread(this::watch, "stall-monitor");
		this.thread.setDaemon(true);
		this.thread.start();
	}

	private void watch() {
		long last = System.nanoTime();
		while (!this.closed) {
			LockSupport.parkNanos(PERIOD_NANOS);
			long now = System.nanoTime();
			if (now - last - PERIOD_NANOS >= LEAST_STALL_NANOS) {
				this.history.write(THREAD, History.STALL, "", 0, last, now);
			}
			last = now;
		}
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
		try {
			this.thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
