package io.concord.ratelimit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.concord.lease.LeaseInterruptedException;
import io.concord.lease.LeaseStoreException;

/**
 * Lets threads that ask for the same at the same time share a call to the store. While
 * one is under way, those who come line up; the first of them then asks for all, for as
 * many permits as there are, and hands them out in the order of the line. So it grants
 * what single calls would, with one or two calls for all of them. Only for single permits
 * that nobody waits for. Thread-safe.
 *
 * <p>
 * Whoever asks is in the line's {@code leader} role from taking it until passing it on;
 * the lock of the map's entry orders that. One who waits goes away in time if the leader
 * stands still, and leaves its place empty.
 */
final class SharedCalls {

	private final Map<String, Line> lines = new ConcurrentHashMap<>();

	private final Duration timeout;

	SharedCalls(Duration timeout) {
		this.timeout = timeout;
	}

	RateVerdict take(RateQuery query, Asker asker) {
		String name = query.resource();
		Turn turn = new Turn(query);
		Line joined = this.lines.compute(name, (key, line) -> {
			if (line == null) {
				turn.answer.complete(Answer.LEAD);
				return new Line();
			}
			line.waiting.add(turn);
			return line;
		});
		if (await(turn) instanceof Granted granted) {
			return granted.verdict();
		}
		List<Turn> turns = new ArrayList<>();
		turns.add(turn);
		this.lines.computeIfPresent(name, (key, line) -> {
			// All that are limited alike; the rule may have changed.
			while (!joined.waiting.isEmpty() && joined.waiting.peek().query.spec().equals(query.spec())) {
				turns.add(joined.waiting.remove());
			}
			return line;
		});
		turns.removeIf((waiting) -> waiting != turn && waiting.answer.isDone());
		try {
			return ask(turns, asker);
		}
		finally {
			passOn(name, joined);
		}
	}

	private RateVerdict ask(List<Turn> turns, Asker asker) {
		Turn leader = turns.get(0);
		List<Turn> others = turns.subList(1, turns.size());
		RateQuery query = leader.query;
		try {
			if (others.isEmpty()) {
				return asker.take(query);
			}
			RateVerdict all = asker
				.take(new RateQuery(query.rule(), query.key(), query.spec(), turns.size(), 0, true, query.now()));
			RateVerdict refused = all;
			if (all.isAdmitted() && all.permits() < turns.size()) {
				refused = asker.peek(query);
				// Some may have come since; they are for those who ask next.
				refused = refused.isAdmitted() ? new RateVerdict(0, 1, 0) : refused;
			}
			for (int i = 1; i < turns.size(); i++) {
				boolean granted = i < all.permits();
				turns.get(i).answer.complete(new Granted(
						granted ? new RateVerdict(1, 0, all.remaining() + all.permits() - 1 - i) : refused));
			}
			return all.isAdmitted() ? new RateVerdict(1, 0, all.remaining() + all.permits() - 1) : refused;
		}
		catch (RuntimeException | Error ex) {
			others.forEach((turn) -> turn.answer.completeExceptionally(ex));
			throw ex;
		}
	}

	private void passOn(String name, Line line) {
		this.lines.computeIfPresent(name, (key, present) -> {
			while (!line.waiting.isEmpty()) {
				if (line.waiting.remove().answer.complete(Answer.LEAD)) {
					return line;
				}
			}
			return null;
		});
	}

	private Answer await(Turn turn) {
		// The call under way and that for this one.
		long nanos = 2 * this.timeout.toNanos() + TimeUnit.MILLISECONDS.toNanos(50);
		try {
			return turn.answer.get(nanos, TimeUnit.NANOSECONDS);
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof RuntimeException failure) ? failure
					: new LeaseStoreException("The call for several failed", ex.getCause());
		}
		catch (TimeoutException ex) {
			LeaseStoreException late = new LeaseStoreException(
					"The thread that asks the store for several at once did not answer in time");
			return late(turn, late);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return late(turn, new LeaseInterruptedException(
					"Interrupted while asking for rate limit '" + turn.query.rule() + "'"));
		}
	}

	/** An answer that has just come counts, or who is to lead would lead nobody. */
	private static Answer late(Turn turn, RuntimeException why) {
		if (turn.answer.completeExceptionally(why)) {
			throw why;
		}
		return turn.answer.join();
	}

	/** How the leader asks. */
	interface Asker {

		RateVerdict take(RateQuery query);

		RateVerdict peek(RateQuery query);

	}

	/** Those who wait while one asks. Changed under the lock of its entry only. */
	private static final class Line {

		private final Queue<Turn> waiting = new ArrayDeque<>();

	}

	private static final class Turn {

		private final RateQuery query;

		private final CompletableFuture<Answer> answer = new CompletableFuture<>();

		Turn(RateQuery query) {
			this.query = query;
		}

	}

	private interface Answer {

		Answer LEAD = new Answer() {
		};

	}

	/**
	 * An answer of the store.
	 *
	 * @param verdict what it is for one
	 */
	private record Granted(RateVerdict verdict) implements Answer {
	}

}
