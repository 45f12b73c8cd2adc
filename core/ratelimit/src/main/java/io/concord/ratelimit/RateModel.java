package io.concord.ratelimit;

import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.ratelimit.RateSpec.Bandwidth;
import io.concord.ratelimit.RateSpec.Kind;

/**
 * How all algorithms decide. Every store decides so: those in the memory of a JVM by this
 * code, Redis by its script, databases by a statement where they can.
 *
 * <p>
 * All is whole numbers, times in µs. A state begins with the time of the last change.
 * <ul>
 * <li><b>Buckets</b> keep a debt for each rate. A permit costs {@code cost}, the debt
 * drains by {@code drain} each µs: 3 permits a second cost 1,000,000 each and drain by 3,
 * so nothing is ever rounded. A token bucket admits while the debt stays within the
 * capacity; a caller that may wait takes on a debt beyond it and waits for the excess to
 * drain. A leaky bucket lets a caller wait until all debt before it has drained. State:
 * time, begin of the warm-up, and cost and debt of each rate. The cost is there so that a
 * debt can be carried over to a changed rate, rounded up to whole permits.</li>
 * <li><b>A warm-up</b> lets the debt drain slower: at a third of the rate at its begin
 * and growing evenly to all of it. It begins anew, with two thirds of the capacity in
 * debt, when nothing was taken for as long as it takes.</li>
 * <li><b>Fixed windows</b> keep a count for each rate, which counts while the time of the
 * last change is in the window of now. State as with buckets, the count for the
 * debt.</li>
 * <li><b>Sliding windows</b> are cut into {@value #PARTS} parts and keep a count for each
 * of the last {@value #RING}: the window of now touches so many. What a part has counted
 * is given back when all of it has left the window, so no window of the length of the
 * period ever has more than the limit. State: time, and for each rate the length of its
 * parts and their counts, that of part n at n mod {@value #RING}.</li>
 * </ul>
 *
 * <p>
 * A refusal changes nothing. A clock that goes back a little, as statements that wait for
 * a row do, stands still. The code that decides has no state of its own.
 */
public final class RateModel {

	/** How far a clock may go back and counts as standing still. */
	public static final long TOLERANCE_MICROS = 10_000_000;

	/** Into how many parts a sliding window is cut. */
	public static final int PARTS = 10;

	/** How many parts a window can touch. */
	public static final int RING = PARTS + 1;

	private RateModel() {
	}

	/**
	 * Decides.
	 * @param query what is wanted
	 * @param state what was kept, of the kind of the query; null for nothing; not changed
	 * @param clock the time, µs since 1970
	 * @return the verdict and what to keep from now on
	 */
	public static Step decide(RateQuery query, long @Nullable [] state, long clock) {
		long last = (state != null) ? state[0] : clock;
		long now = (clock < last - TOLERANCE_MICROS) ? clock : Math.max(clock, last);
		return switch (query.spec().kind()) {
			case TOKEN_BUCKET, LEAKY_BUCKET, WARM_BUCKET -> bucket(query, state, last, now);
			case FIXED_WINDOW -> fixedWindow(query, state, last, now);
			case SLIDING_WINDOW -> slidingWindow(query, state, last, now);
		};
	}

	private static Step bucket(RateQuery query, long @Nullable [] state, long last, long now) {
		RateSpec spec = query.spec();
		List<Bandwidth> bandwidths = spec.bandwidths();
		int count = bandwidths.size();
		boolean leaky = spec.kind() == Kind.LEAKY_BUCKET;
		long elapsed = Math.max(0, now - last);
		long begin = 0;
		boolean cold = false;
		if (spec.warmUp() > 0) {
			cold = state == null || elapsed >= spec.warmUp() || now < state[1];
			begin = (cold || state == null) ? now : state[1];
			elapsed = cold ? 0 : warmed(spec, now - begin) - warmed(spec, last - begin);
		}
		long[] debts = new long[count];
		long wait = 0;
		for (int i = 0; i < count; i++) {
			Bandwidth bandwidth = bandwidths.get(i);
			debts[i] = cold ? coldDebt(bandwidth)
					: Math.max(0, debt(state, i, bandwidth) - drained(bandwidth, elapsed));
			long excess = leaky ? debts[i] : debts[i] + query.permits() * bandwidth.cost() - bandwidth.capacity();
			if (excess > 0) {
				wait = Math.max(wait, (excess + bandwidth.drain() - 1) / bandwidth.drain());
			}
		}
		long granted = query.permits();
		if (wait > 0 && query.partial() && !leaky) {
			long available = available(bandwidths, debts);
			if (available > 0) {
				granted = available;
				wait = 0;
			}
		}
		if (wait > query.maxWait()) {
			return new Step(new RateVerdict(0, wait - query.maxWait(), 0), null, 0);
		}
		long[] next = new long[2 + 2 * count];
		next[0] = now;
		next[1] = begin;
		long remaining = Long.MAX_VALUE;
		long empty = 0;
		for (int i = 0; i < count; i++) {
			Bandwidth bandwidth = bandwidths.get(i);
			long debt = debts[i] + granted * bandwidth.cost();
			next[2 + 2 * i] = bandwidth.cost();
			next[3 + 2 * i] = debt;
			remaining = Math.min(remaining,
					leaky ? queueable(bandwidth, debt, query.maxWait()) : left(bandwidth, debt));
			empty = Math.max(empty, (debt + bandwidth.drain() - 1) / bandwidth.drain());
		}
		return new Step(new RateVerdict(granted, wait, (wait > 0) ? 0 : remaining), next,
				now + ((spec.warmUp() > 0) ? Math.max(3 * empty, spec.warmUp()) : empty));
	}

	private static long available(List<Bandwidth> bandwidths, long[] debts) {
		long available = Long.MAX_VALUE;
		for (int i = 0; i < debts.length; i++) {
			available = Math.min(available, left(bandwidths.get(i), debts[i]));
		}
		return available;
	}

	/** To divide takes as long as all the rest of a decision, and is seldom needed. */
	private static long drained(Bandwidth bandwidth, long elapsed) {
		boolean small = (elapsed | bandwidth.drain()) >>> 26 == 0;
		return (small ? elapsed : Math.min(elapsed, bandwidth.longest())) * bandwidth.drain();
	}

	/** The debt of an earlier state, in units of a rate that may have changed since. */
	private static long debt(long @Nullable [] state, int index, Bandwidth bandwidth) {
		if (state == null || state.length < 4 + 2 * index) {
			return 0;
		}
		long cost = state[2 + 2 * index];
		long debt = state[3 + 2 * index];
		return (cost == bandwidth.cost()) ? debt : (debt + cost - 1) / cost * bandwidth.cost();
	}

	private static long left(Bandwidth bandwidth, long debt) {
		return Math.max(0, bandwidth.capacity() - debt) / bandwidth.cost();
	}

	private static long queueable(Bandwidth bandwidth, long debt, long maxWait) {
		long free = maxWait * bandwidth.drain() - debt;
		return (free < 0) ? 0 : free / bandwidth.cost() + 1;
	}

	private static long coldDebt(Bandwidth bandwidth) {
		return Math.max(0, Math.min(bandwidth.capacity() / 3 * 2, bandwidth.capacity() - bandwidth.cost()));
	}

	/** What a time since the begin of a warm-up is worth at the full rate, µs. */
	private static long warmed(RateSpec spec, long micros) {
		long length = spec.warmUp() / 1_000;
		long millis = Math.max(0, Math.min(micros / 1_000, length));
		return 1_000 * (length * millis + millis * millis) / (3 * length) + Math.max(0, micros - spec.warmUp());
	}

	private static Step fixedWindow(RateQuery query, long @Nullable [] state, long last, long now) {
		List<Bandwidth> bandwidths = query.spec().bandwidths();
		int count = bandwidths.size();
		long[] next = new long[2 + 2 * count];
		next[0] = now;
		long available = Long.MAX_VALUE;
		long wait = 0;
		long end = 0;
		for (int i = 0; i < count; i++) {
			Bandwidth bandwidth = bandwidths.get(i);
			long window = now / bandwidth.cost();
			boolean same = state != null && state.length >= 4 + 2 * i && last / bandwidth.cost() == window;
			long used = (same && state != null) ? state[3 + 2 * i] : 0;
			long left = Math.max(0, bandwidth.capacity() - used);
			long windowEnd = (window + 1) * bandwidth.cost();
			if (left < query.permits()) {
				wait = Math.max(wait, windowEnd - now);
			}
			available = Math.min(available, left);
			next[2 + 2 * i] = bandwidth.cost();
			next[3 + 2 * i] = used;
			end = Math.max(end, windowEnd);
		}
		long granted = Math.min(query.permits(), available);
		if (granted < query.permits() && (!query.partial() || granted == 0)) {
			return new Step(new RateVerdict(0, wait, 0), null, 0);
		}
		for (int i = 0; i < count; i++) {
			next[3 + 2 * i] += granted;
		}
		return new Step(new RateVerdict(granted, 0, available - granted), next, end);
	}

	private static Step slidingWindow(RateQuery query, long @Nullable [] state, long last, long now) {
		List<Bandwidth> bandwidths = query.spec().bandwidths();
		int count = bandwidths.size();
		long[] next = new long[1 + (1 + RING) * count];
		next[0] = now;
		long available = Long.MAX_VALUE;
		long wait = 0;
		long end = 0;
		for (int i = 0; i < count; i++) {
			Bandwidth bandwidth = bandwidths.get(i);
			long length = bandwidth.cost();
			long part = now / length;
			int at = 1 + (1 + RING) * i;
			next[at] = length;
			long used = 0;
			if (state != null && state.length > at + RING) {
				used = carry(state, last, next, at, part);
			}
			long left = Math.max(0, bandwidth.capacity() - used);
			if (left < query.permits()) {
				wait = Math.max(wait, whenFree(next, at, part, used + query.permits() - bandwidth.capacity()) - now);
			}
			available = Math.min(available, left);
			end = Math.max(end, (part + RING) * length);
		}
		long granted = Math.min(query.permits(), available);
		if (granted < query.permits() && (!query.partial() || granted == 0)) {
			return new Step(new RateVerdict(0, wait, 0), null, 0);
		}
		for (int i = 0; i < count; i++) {
			int at = 1 + (1 + RING) * i;
			next[at + 1 + index(now / next[at])] += granted;
		}
		return new Step(new RateVerdict(granted, 0, available - granted), next, end);
	}

	/**
	 * Copies the counts that the window of now touches.
	 * @return their sum
	 */
	private static long carry(long[] state, long last, long[] next, int at, long part) {
		long lastPart = last / state[at];
		long used = 0;
		if (state[at] != next[at]) {
			// Of another length: all that its last window has counted, as if just now.
			for (int i = 0; i < RING; i++) {
				used += state[at + 1 + i];
			}
			next[at + 1 + index(part)] = used;
			return used;
		}
		for (long old = part - PARTS; old <= Math.min(part, lastPart); old++) {
			if (old > lastPart - RING) {
				int i = at + 1 + index(old);
				next[i] = state[i];
				used += state[i];
			}
		}
		return used;
	}

	/**
	 * When so many have left the window: when the last part that has them is behind it.
	 */
	private static long whenFree(long[] counts, int at, long part, long wanted) {
		long freed = 0;
		for (long old = part - PARTS; old < part; old++) {
			freed += counts[at + 1 + index(old)];
			if (freed >= wanted) {
				return (old + RING) * counts[at];
			}
		}
		return (part + RING) * counts[at];
	}

	private static int index(long part) {
		return Math.floorMod(part, RING);
	}

	/**
	 * A decision.
	 *
	 * @param verdict the answer
	 * @param next the state from now on; null if it stays as it is
	 * @param end when that says nothing any more, µs since 1970
	 */
	@SuppressWarnings("ArrayRecordComponent")
	public record Step(RateVerdict verdict, long @Nullable [] next, long end) {

		/**
		 * Returns the state as text: its numbers with a space between.
		 * @return the text
		 */
		public String text() {
			StringBuilder text = new StringBuilder();
			for (long number : (this.next != null) ? this.next : new long[0]) {
				text.append(text.isEmpty() ? "" : " ").append(number);
			}
			return text.toString();
		}

	}

	/**
	 * Reads a state that was kept as text.
	 * @param text as {@link Step#text()} writes it
	 * @return the state
	 */
	public static long[] state(String text) {
		return Arrays.stream(text.split(" ")).mapToLong(Long::parseLong).toArray();
	}

}
