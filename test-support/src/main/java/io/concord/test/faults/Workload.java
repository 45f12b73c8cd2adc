package io.concord.test.faults;

import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * What the threads of a worker do. A feature implements it and gives it to
 * {@link FaultWorker}. Used by many threads.
 */
public interface Workload extends AutoCloseable {

	/**
	 * Does one thing, and writes to the history what came of it. Errors that faults
	 * explain are outcomes; what is thrown from here is a bug, and fails the run.
	 * @param thread which thread does it
	 * @param random what to draw from: nothing else may decide what is done
	 */
	void operate(int thread, Random random);

	/**
	 * Shows that nothing is stuck: called once everything is well again and all threads
	 * of all workers rest, in one worker after the other.
	 * @param thread a number for the history, that no other thread has
	 */
	void probe(int thread);

	/**
	 * Takes something that is still held when the worker is killed, which is the next
	 * thing that happens to it, while its threads go on. Does nothing by default.
	 * @param thread a number for the history, that no other thread has
	 */
	default void beforeDeath(int thread) {
	}

	/**
	 * Ends in good order.
	 */
	@Override
	void close();

	/**
	 * Creates the workload of a worker.
	 */
	@FunctionalInterface
	interface Factory {

		/**
		 * Connects, and returns when it is ready to work.
		 * @param context what it is given
		 * @return the workload
		 * @throws Exception if the worker can't start
		 */
		Workload create(Context context) throws Exception;

	}

	/**
	 * What a workload is given.
	 *
	 * @param worker the number of the worker, which no other of the run has
	 * @param seed what the run is drawn from
	 * @param options what the test has told the worker
	 * @param history to write to
	 * @param wallMillis the wall clock of the worker, which jumps
	 */
	record Context(int worker, long seed, Map<String, String> options, HistoryWriter history, LongSupplier wallMillis) {

		/**
		 * Returns an option that must be there.
		 * @param name its name
		 * @return its value
		 */
		public String option(String name) {
			String value = this.options.get(name);
			if (value == null) {
				throw new IllegalArgumentException("The worker needs the option " + name);
			}
			return value;
		}

	}

}
