package io.concord.test.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import io.concord.test.faults.Operation.Outcome;

/**
 * Writes down what a worker does. Every line is with the system, where it outlives the
 * process, before the next thing happens: what is about to begin is written before it
 * does, so that a worker that is killed in the middle leaves an operation without an end
 * rather than none. Thread-safe.
 */
public final class HistoryWriter implements AutoCloseable {

	private final FileChannel file;

	private final int worker;

	private final long seed;

	/**
	 * Opens a new file.
	 * @param file does not exist, in a directory that may not exist either
	 * @param worker the number of the worker; 0 is the runner
	 * @param seed what the run is drawn from
	 */
	public HistoryWriter(Path file, int worker, long seed) {
		try {
			Path directory = file.toAbsolutePath().getParent();
			if (directory != null) {
				Files.createDirectories(directory);
			}
			this.file = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.APPEND);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.worker = worker;
		this.seed = seed;
	}

	/**
	 * Writes that something begins now.
	 * @param thread the number of the thread
	 * @param op what begins
	 * @param key on what
	 * @param token what belongs to it; 0 for none, or if that is not known before its end
	 * @return to say how it ended
	 */
	public Begun begin(int thread, String op, String key, long token) {
		Operation begun = new Operation(this.worker * Operation.THREADS + thread, op, key, System.nanoTime(),
				Operation.NEVER, Outcome.INFO, token, this.seed);
		write(begun);
		return new Begun(begun);
	}

	/**
	 * Writes what is over.
	 * @param thread the number of the thread
	 * @param op what it was
	 * @param key on what
	 * @param token what belongs to it; 0 for none
	 * @param invokeNs when it began
	 * @param returnNs when it ended
	 */
	public void write(int thread, String op, String key, long token, long invokeNs, long returnNs) {
		write(new Operation(this.worker * Operation.THREADS + thread, op, key, invokeNs, returnNs, Outcome.OK, token,
				this.seed));
	}

	private void write(Operation operation) {
		try {
			// One call, which the system does not mix with those of other threads.
			this.file.write(ByteBuffer.wrap((operation.toJson() + "\n").getBytes(StandardCharsets.UTF_8)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void close() {
		try {
			this.file.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * An operation that is under way. Belongs to one thread.
	 */
	public final class Begun {

		private final Operation operation;

		private Begun(Operation operation) {
			this.operation = operation;
		}

		/**
		 * Returns when it began.
		 * @return on the host's monotonic clock
		 */
		public long invokeNs() {
			return this.operation.invokeNs();
		}

		/**
		 * Writes that it is over now.
		 * @param outcome how it went
		 */
		public void end(Outcome outcome) {
			end(outcome, this.operation.token());
		}

		/**
		 * Writes that it is over now.
		 * @param outcome how it went
		 * @param token what belongs to it; 0 for none
		 */
		public void end(Outcome outcome, long token) {
			end(outcome, token, System.nanoTime());
		}

		/**
		 * Writes that it was over at some time.
		 * @param outcome how it went
		 * @param token what belongs to it; 0 for none
		 * @param returnNs when it was over
		 */
		public void end(Outcome outcome, long token, long returnNs) {
			write(new Operation(this.operation.process(), this.operation.op(), this.operation.key(),
					this.operation.invokeNs(), returnNs, outcome, token, this.operation.seed()));
		}

	}

}
