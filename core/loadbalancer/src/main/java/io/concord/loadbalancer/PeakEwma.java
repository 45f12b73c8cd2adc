package io.concord.loadbalancer;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Average of times to answers that rises at once with a slow answer and falls over some
 * seconds, also without answers: so that an instance that was slow is tried again.
 * Lock-free.
 */
final class PeakEwma {

	private static final State UNKNOWN = new State(0, 0);

	private final AtomicReference<State> state = new AtomicReference<>(UNKNOWN);

	/**
	 * Adds an answer.
	 * @param took nanoseconds
	 * @param now the clock
	 * @param decay nanoseconds after which an answer counts for a third
	 */
	void observe(double took, long now, double decay) {
		while (true) {
			State old = Objects.requireNonNull(this.state.get());
			double remains = remains(now - old.at(), decay);
			double nanos = (old == UNKNOWN || took >= old.nanos() * remains) ? took
					: old.nanos() * remains + took * (1 - remains);
			if (this.state.compareAndSet(old, new State(nanos, now))) {
				return;
			}
		}
	}

	/** Nanoseconds; zero if nothing was observed. */
	double get(long now, double decay) {
		State current = Objects.requireNonNull(this.state.get());
		return (current == UNKNOWN) ? 0 : current.nanos() * remains(now - current.at(), decay);
	}

	/** Close to exp(-x) at a fraction of its cost, which a choice pays twice. */
	private static double remains(long elapsed, double decay) {
		double x = Math.max(0, elapsed) / decay;
		return 1 / (1 + x + x * x / 2);
	}

	/**
	 * The average, and when it was right.
	 *
	 * @param nanos the average
	 * @param at the clock
	 */
	private record State(double nanos, long at) {
	}

}
