package io.concord.faults.planted;

import java.nio.file.Path;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseOutcomeUnknownException;
import io.concord.lease.LeaseStoreException;
import io.concord.test.faults.HistoryWriter;
import io.concord.test.faults.HistoryWriter.Begun;
import io.concord.test.faults.Operation.Outcome;

/**
 * A process as a scene has it: takes a lock at a time, and writes the history that a
 * worker would. Its name in the history is its number. Belongs to one thread.
 */
final class Actor implements AutoCloseable {

	static final String KEY = "key";

	private final Locker locker;

	private final HistoryWriter history;

	private Locker.@Nullable Held held;

	private @Nullable Begun hold;

	private long lastValid;

	private boolean wasValid;

	Actor(Path directory, int number, Locker locker) {
		this.locker = locker;
		this.history = new HistoryWriter(directory.resolve("worker-" + number + ".jsonl"), number, 0);
	}

	/** Takes the lock if it is free. */
	boolean takes() {
		return takes("acquire", Duration.ZERO);
	}

	boolean takes(Duration wait) {
		return takes("acquire", wait);
	}

	/** Looks whether the lock can be had at all. */
	void probes(Duration wait) {
		if (takes("probe", wait)) {
			givesBack();
		}
	}

	private boolean takes(String op, Duration wait) {
		Begun take = this.history.begin(0, op, KEY, 0);
		try {
			Locker.Held taken = this.locker.take(KEY, wait);
			take.end((taken != null) ? Outcome.OK : Outcome.FAIL, (taken != null) ? taken.token() : 0);
			this.held = taken;
			if (taken != null) {
				this.hold = this.history.begin(0, "hold", KEY, taken.token());
				this.lastValid = this.hold.invokeNs();
				this.wasValid = false;
				looks();
			}
		}
		catch (LeaseOutcomeUnknownException ex) {
			take.end(Outcome.INFO);
		}
		catch (LeaseStoreException ex) {
			take.end(Outcome.FAIL);
		}
		return this.held != null;
	}

	/** Looks whether it still holds the lock. */
	boolean looks() {
		long before = System.nanoTime();
		boolean valid = this.held != null && this.held.isValid();
		if (valid) {
			this.lastValid = before;
			this.wasValid = true;
		}
		return valid;
	}

	void givesBack() {
		endHold();
		if (this.held != null) {
			this.held.release();
			this.held = null;
		}
	}

	private void endHold() {
		if (this.hold != null && this.held != null) {
			this.hold.end(this.wasValid ? Outcome.OK : Outcome.FAIL, this.held.token(), this.lastValid);
			this.hold = null;
		}
	}

	@Override
	public void close() {
		endHold();
		this.history.close();
		this.locker.close();
	}

}
