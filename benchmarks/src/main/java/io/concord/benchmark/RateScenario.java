package io.concord.benchmark;

import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How limits are asked.
 */
enum RateScenario {

	HOT_1("one key, 1 thread", 1, false, Limits.HIGH), HOT_8("one key, 8 threads", 8, false, Limits.HIGH),
	HOT_64("one key, 64 threads", 64, false, Limits.HIGH), MANY_8("1,000 keys, 8 threads", 8, true, Limits.HIGH),
	FLOOD("flood: one key of 100/s, 8 threads", 8, false, Limits.LOW);

	static final String HOT_KEY = "hot";

	private static final List<String> KEYS = IntStream.range(0, 1_000).mapToObj((number) -> "key-" + number).toList();

	/**
	 * A look at the time costs as much as some decisions: not more than one for so long.
	 */
	private static final long BATCH_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

	private static final int LARGEST_BATCH = 256;

	private final String title;

	private final int threads;

	private final boolean many;

	private final long rate;

	RateScenario(String title, int threads, boolean many, long rate) {
		this.title = title;
		this.threads = threads;
		this.many = many;
		this.rate = rate;
	}

	String title() {
		return this.title;
	}

	int threads() {
		return this.threads;
	}

	/** How many a second, of each key. */
	long rate() {
		return this.rate;
	}

	/** All keys that are asked for. */
	static List<String> keys() {
		return Stream.concat(Stream.of(HOT_KEY), KEYS.stream()).toList();
	}

	/**
	 * What a thread does. Where nobody is to be refused, a refusal is a failure.
	 * @return asks several times
	 */
	Throughput.Work work(RateSource source, int thread) {
		SplittableRandom random = new SplittableRandom(thread);
		int[] batch = { 1 };
		return () -> {
			int count = batch[0];
			long begin = System.nanoTime();
			for (int i = 0; i < count; i++) {
				boolean admitted = source.tryAcquire(this.many ? KEYS.get(random.nextInt(KEYS.size())) : HOT_KEY);
				if (!admitted && this.rate == Limits.HIGH) {
					throw new IllegalStateException("Refused, though so many may pass");
				}
			}
			long took = System.nanoTime() - begin;
			batch[0] = (took < BATCH_NANOS) ? Math.min(LARGEST_BATCH, 2 * count) : Math.max(1, count / 2);
			return count;
		};
	}

	/** Constants of an enum can't see those of their own type. */
	private static final class Limits {

		/** More than anybody decides. */
		static final long HIGH = 100_000_000;

		/** Even the slowest decides a hundred times as often. */
		static final long LOW = 100;

		private Limits() {
		}

	}

}
