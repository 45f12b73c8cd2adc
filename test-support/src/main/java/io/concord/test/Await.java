package io.concord.test;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for a condition instead of sleeping. Thread-safe.
 */
public final class Await {

	private static final long POLL_MILLIS = 5;

	private Await() {
	}

	/**
	 * Return once a condition holds. It is looked at every few milliseconds, and at least
	 * once.
	 * @param what the condition in words, for the failure
	 * @param bound the longest wait
	 * @param condition what must hold; an exception of it ends the wait
	 * @throws AssertionError if the condition does not hold in time or the thread is
	 * interrupted, whose flag is then set
	 */
	public static void until(String what, Duration bound, BooleanSupplier condition) {
		until(() -> what, bound, condition);
	}

	/**
	 * Same as {@link #until(String, Duration, BooleanSupplier)} with words that are only
	 * needed for the failure.
	 * @param what gives the condition in words
	 * @param bound the longest wait
	 * @param condition what must hold; an exception of it ends the wait
	 * @throws AssertionError if the condition does not hold in time or the thread is
	 * interrupted, whose flag is then set
	 */
	public static void until(Supplier<String> what, Duration bound, BooleanSupplier condition) {
		long start = System.nanoTime();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - start >= bound.toNanos()) {
				throw new AssertionError("Not within " + bound + ": " + what.get());
			}
			try {
				Thread.sleep(POLL_MILLIS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new AssertionError("Interrupted while waiting for: " + what.get(), ex);
			}
		}
	}

	/**
	 * Run what must fail, and fail in time.
	 * @param <X> how it must fail
	 * @param type how it must fail
	 * @param bound the longest time that it may take
	 * @param call what must fail, on this thread
	 * @return the failure
	 * @throws AssertionError if it does not fail, fails in another way or takes longer
	 */
	public static <X extends Throwable> X failure(Class<X> type, Duration bound, Runnable call) {
		long start = System.nanoTime();
		Throwable thrown = null;
		try {
			call.run();
		}
		catch (Throwable ex) {
			thrown = ex;
		}
		Duration taken = Duration.ofNanos(System.nanoTime() - start);
		if (!type.isInstance(thrown)) {
			throw new AssertionError("Not a " + type.getSimpleName() + ": " + thrown, thrown);
		}
		if (taken.compareTo(bound) > 0) {
			throw new AssertionError("Failed only after " + taken + ", not within " + bound, thrown);
		}
		return type.cast(thrown);
	}

}
