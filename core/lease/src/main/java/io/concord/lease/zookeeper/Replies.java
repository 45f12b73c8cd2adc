package io.concord.lease.zookeeper;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

import org.apache.zookeeper.KeeperException;

import io.concord.lease.LeaseOutcomeUnknownException;

/**
 * Waits for answers.
 */
final class Replies {

	private Replies() {
	}

	/**
	 * Waits for an answer, deaf to interruption.
	 * @param begin when the call began, on {@code nanoTime}
	 * @param end when it has to have ended
	 * @param store what the request went to
	 * @throws KeeperException if the request failed
	 * @throws LeaseOutcomeUnknownException if there was no answer in time
	 */
	static <T> T await(CompletableFuture<T> reply, long begin, long end, LongSupplier nanoTime, String store)
			throws KeeperException {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return reply.get(Math.max(0, end - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (TimeoutException ex) {
			throw new LeaseOutcomeUnknownException(
					"No answer from " + store + " within " + TimeUnit.NANOSECONDS.toMillis(end - begin) + " ms");
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof KeeperException failure) {
				throw failure;
			}
			throw Failures.of(store, (ex.getCause() != null) ? ex.getCause() : ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

}
