package io.concord.idgen;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import io.concord.lease.LeaseStoreException;

/**
 * Issues numbers from ranges that it fetches from a {@link SegmentStore}: short ids
 * without a clock.
 *
 * <h2>Order and gaps</h2>
 *
 * Ids that a thread gets rise. Those of different threads and processes interleave: each
 * thread takes a block of numbers, each process a segment. A block has at most as many
 * numbers as its thread has used before, up to {@value #MAX_BLOCK}. Numbers that are in
 * stock when a process ends are never issued.
 *
 * <h2>Stock</h2>
 *
 * While one segment is used, a thread of the generator fetches the next. How many numbers
 * it asks for follows demand: so many that a segment lasts for about
 * {@value #TARGET_SECONDS} s, or for a few fetches if those are slow, between the bounds
 * that were configured.
 *
 * <p>
 * Who owns what: the cursor of a segment is shared and only rises, the block of a thread
 * is that thread's. The chain of segments is changed by compare-and-set by those who use
 * it, and only the fetching thread adds to it. A range whose fetch has failed half-way is
 * lost, which makes a gap.
 */
public final class SegmentIdGenerator implements LongIdGenerator, AutoCloseable {

	/** The least size of a segment where nothing is said. */
	public static final long DEFAULT_MIN_SIZE = 100;

	/** The greatest size of a segment where nothing is said. */
	public static final long DEFAULT_MAX_SIZE = 10_000_000;

	static final int MAX_BLOCK = 1024;

	static final int TARGET_SECONDS = 2;

	private static final double TARGET_NANOS = TimeUnit.SECONDS.toNanos(TARGET_SECONDS);

	private static final Logger logger = LoggerFactory.getLogger(SegmentIdGenerator.class);

	/** A fetch must not be all that a segment lasts for. */
	private static final int FETCHES_PER_SEGMENT = 8;

	private static final int GROWTH = 8;

	private static final int SHRINKAGE = 2;

	private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final long CLOSE_MILLIS = 100;

	// An array for the same reasons as in SnowflakeIdGenerator.

	private static final int NEXT = 8;

	private static final int END = 9;

	private static final int START = 10;

	private static final int SIZE = 11;

	private static final int LENGTH = 20;

	private final String name;

	private final SegmentStore store;

	private final long least;

	private final long minSize;

	private final long maxSize;

	private final long maxWaitNanos;

	private final Duration storeTimeout;

	private final IdFormat format;

	private final LongSupplier millis;

	private final LongSupplier nanoTime;

	private final IdGeneratorObserver observer;

	private final Waiters waiters = new Waiters(LockSupport::parkNanos);

	private final ThreadLocal<long[]> blocks = ThreadLocal.withInitial(() -> new long[LENGTH]);

	private final LongAdder issued = new LongAdder();

	private final Thread thread;

	private final AtomicReference<Segment> current = new AtomicReference<>(new Segment());

	private volatile long size;

	/** How long the last fetch took; the fetching thread's. */
	private long fetchNanos;

	private volatile @Nullable RuntimeException failure;

	private volatile boolean closed;

	private SegmentIdGenerator(Builder builder) {
		this.name = builder.name;
		this.store = builder.store;
		this.least = builder.least;
		this.minSize = builder.minSize;
		this.maxSize = builder.maxSize;
		this.maxWaitNanos = builder.maxWait.toNanos();
		this.storeTimeout = builder.storeTimeout;
		this.format = builder.format;
		this.millis = builder.millis;
		this.nanoTime = builder.nanoTime;
		this.observer = builder.observer;
		this.size = this.minSize;
		this.thread = new Thread(this::run, "concord-idgen-" + this.name);
		this.thread.setDaemon(true);
	}

	/**
	 * Starts the description of a generator.
	 * @param name its name, under which the counter is stored: 1 to 255 characters
	 * @param store where ranges come from; not closed by the generator
	 * @return a builder
	 */
	public static Builder builder(String name, SegmentStore store) {
		return new Builder(name, store);
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public long next() {
		long[] block = this.blocks.get();
		long id = block[NEXT];
		if (id < block[END]) {
			block[NEXT] = id + 1;
			return id;
		}
		return refill(block);
	}

	private long refill(long[] block) {
		count(block);
		block[SIZE] = Math.min(Math.max(1, 2 * block[SIZE]), MAX_BLOCK);
		take(block, block[SIZE]);
		return block[NEXT]++;
	}

	@Override
	public void next(long[] batch) {
		long[] block = this.blocks.get();
		int filled = 0;
		while (filled < batch.length) {
			if (block[NEXT] >= block[END]) {
				count(block);
				take(block, batch.length - filled);
			}
			long id = block[NEXT];
			int count = (int) Math.min(batch.length - filled, block[END] - id);
			for (int i = 0; i < count; i++) {
				batch[filled + i] = id + i;
			}
			block[NEXT] = id + count;
			filled += count;
		}
	}

	private void count(long[] block) {
		this.issued.add(block[NEXT] - block[START]);
		block[START] = block[NEXT];
	}

	private void take(long[] block, long wanted) {
		long since = 0;
		boolean waits = false;
		while (true) {
			Segment segment = current();
			if (segment.take(block, wanted)) {
				if (waits) {
					this.observer.waited(this.name, this.nanoTime.getAsLong() - since, true);
				}
				return;
			}
			if (advance(segment)) {
				continue;
			}
			long nanos = this.nanoTime.getAsLong();
			if (!waits) {
				waits = true;
				since = nanos;
			}
			long left = since + this.maxWaitNanos - nanos;
			RuntimeException cause = this.failure;
			if (left <= 0 || this.closed || cause instanceof IdsExhaustedException) {
				this.observer.waited(this.name, nanos - since, false);
				throw failure(cause);
			}
			this.waiters.await(() -> segment.next != null || this.current.get() != segment || this.closed
					|| this.failure instanceof IdsExhaustedException, left);
		}
	}

	private Segment current() {
		return Objects.requireNonNull(this.current.get());
	}

	/**
	 * Goes on to the next segment, if it is there, and has the one after it fetched.
	 * @return whether there is another one now
	 */
	private boolean advance(Segment segment) {
		Segment next = segment.next;
		if (next == null || this.closed) {
			return false;
		}
		if (this.current.get() == segment) {
			next.begin(segment, this.nanoTime.getAsLong());
			if (this.current.compareAndSet(segment, next)) {
				LockSupport.unpark(this.thread);
			}
		}
		return true;
	}

	private IdGenerationException failure(@Nullable RuntimeException cause) {
		if (this.closed) {
			return new IdsUnavailableException("'" + this.name + "' is closed");
		}
		if (cause instanceof IdsExhaustedException) {
			return new IdsExhaustedException("The numbers of '" + this.name + "' have run out: " + cause.getMessage(),
					cause);
		}
		return new IdsUnavailableException(
				"'" + this.name + "' got no new segment within " + TimeUnit.NANOSECONDS.toMillis(this.maxWaitNanos)
						+ " ms" + ((cause != null) ? ": " + cause.getMessage() : " from " + this.store.describe()),
				cause);
	}

	private void run() {
		while (!this.closed) {
			Segment segment = current();
			if (segment.next != null) {
				// Until somebody goes on to it.
				LockSupport.park(this);
				continue;
			}
			try {
				this.size = sizeAfter(segment);
				segment.next = fetch();
				if (this.failure != null) {
					logger.info("'{}' gets segments again", this.name);
					this.failure = null;
				}
				this.waiters.wake();
			}
			catch (RuntimeException ex) {
				if (this.failure == null) {
					boolean expected = ex instanceof LeaseStoreException || ex instanceof IdGenerationException;
					logger.warn("'{}' gets no new segment: {}", this.name, ex.getMessage(), expected ? null : ex);
				}
				this.failure = ex;
				this.waiters.wake();
				LockSupport.parkNanos(this, RETRY_NANOS);
			}
		}
	}

	private Segment fetch() {
		long start = this.nanoTime.getAsLong();
		boolean answered = false;
		try {
			IdRange range = this.store.next(this.name, this.size, this.least, this.storeTimeout);
			answered = true;
			return new Segment(range);
		}
		finally {
			this.fetchNanos = this.nanoTime.getAsLong() - start;
			this.observer.fetched(this.name, this.fetchNanos, answered);
		}
	}

	/** Computes how many numbers to fetch, from how fast those before were used up. */
	private long sizeAfter(Segment segment) {
		if (segment.demand == 0) {
			return this.size;
		}
		double target = Math.max(TARGET_NANOS, FETCHES_PER_SEGMENT * this.fetchNanos);
		double bounded = Math.min(Math.max(segment.demand * target, this.size / (double) SHRINKAGE),
				this.size * (double) GROWTH);
		return Math.min(Math.max((long) bounded, this.minSize), this.maxSize);
	}

	@Override
	public String nextString() {
		return this.format.format(next(), Instant.ofEpochMilli(this.millis.getAsLong()));
	}

	@Override
	public IdFormat format() {
		return this.format;
	}

	/**
	 * Always throws: the ids are mere numbers.
	 */
	@Override
	public DecodedId decode(long id) {
		throw new UnsupportedOperationException("Ids of '" + this.name + "' are numbers that nothing can be read from");
	}

	@Override
	public IdGeneratorStatus status() {
		Segment segment = current();
		Segment next = segment.next;
		long remaining = segment.remaining() + ((next != null) ? next.remaining() : 0);
		RuntimeException cause = this.failure;
		return new IdGeneratorStatus(this.name, "segment", this.store.describe(), this.issued.sum(),
				this.closed ? "closed" : (cause != null) ? String.valueOf(cause.getMessage()) : null, null,
				new IdGeneratorStatus.Segment(remaining, this.size));
	}

	/**
	 * Ends the generator. What is in stock is never issued, but for what threads have
	 * taken ahead. A fetch that is under way goes on, bounded by its time-out.
	 */
	@Override
	public void close() {
		this.closed = true;
		current().exhaust();
		this.waiters.wake();
		LockSupport.unpark(this.thread);
		try {
			this.thread.join(CLOSE_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** A range that is used up from its beginning, and the one that follows it. */
	private static final class Segment {

		/** Of the first number. */
		private final long base;

		private final long size;

		private final AtomicLong taken = new AtomicLong();

		/** Set by the fetching thread only. */
		volatile @Nullable Segment next;

		/** When its use has begun. */
		private volatile long since;

		/**
		 * How many numbers were used in a ns before its use has begun, or 0 if that is
		 * not known. Set by all who go on to it at the same time, to about the same.
		 */
		volatile double demand;

		/** The one before the first, which has nothing. */
		Segment() {
			this.base = 0;
			this.size = 0;
		}

		Segment(IdRange range) {
			this.base = range.first();
			// The very last number is left out, so that the one after it fits a long.
			this.size = Math.min(range.last(), Long.MAX_VALUE - 1) - range.first() + 1;
		}

		void begin(Segment before, long now) {
			this.since = now;
			if (before.size > 0) {
				this.demand = before.size / (double) Math.max(1, now - before.since);
			}
		}

		boolean take(long[] block, long wanted) {
			if (this.taken.get() >= this.size) {
				return false;
			}
			long offset = this.taken.getAndAdd(wanted);
			if (offset >= this.size) {
				return false;
			}
			block[START] = this.base + offset;
			block[NEXT] = block[START];
			block[END] = block[START] + Math.min(wanted, this.size - offset);
			return true;
		}

		long remaining() {
			return Math.max(0, this.size - this.taken.get());
		}

		void exhaust() {
			this.taken.set(this.size);
		}

	}

	/**
	 * Describes a generator. Not thread-safe.
	 */
	public static final class Builder {

		private final String name;

		private final SegmentStore store;

		private long least = 1;

		private long minSize = DEFAULT_MIN_SIZE;

		private long maxSize = DEFAULT_MAX_SIZE;

		private Duration maxWait = SnowflakeIdGenerator.DEFAULT_MAX_WAIT;

		private Duration storeTimeout = Duration.ofSeconds(2);

		private IdFormat format = IdFormats.decimal();

		private IdGeneratorObserver observer = IdGeneratorObserver.NONE;

		private LongSupplier millis = System::currentTimeMillis;

		private LongSupplier nanoTime = System::nanoTime;

		private Builder(String name, SegmentStore store) {
			this.name = name;
			this.store = store;
		}

		/**
		 * Sets the least number, such as to go on after numbers that were given
		 * otherwise.
		 * @param least at least 1, which it is by default
		 * @return this builder
		 */
		public Builder least(long least) {
			this.least = least;
			return this;
		}

		/**
		 * Sets how many numbers are fetched at once.
		 * @param minSize the least that demand is followed to, at least 1
		 * @param maxSize the most
		 * @return this builder
		 */
		public Builder sizes(long minSize, long maxSize) {
			this.minSize = minSize;
			this.maxSize = maxSize;
			return this;
		}

		/**
		 * Sets how long a call waits for an id.
		 * @param maxWait the time, not negative
		 * @return this builder
		 */
		public Builder maxWait(Duration maxWait) {
			this.maxWait = maxWait;
			return this;
		}

		/**
		 * Sets the time-out of calls to the store.
		 * @param storeTimeout the time-out
		 * @return this builder
		 */
		public Builder storeTimeout(Duration storeTimeout) {
			this.storeTimeout = storeTimeout;
			return this;
		}

		/**
		 * Sets how ids are written as text. A date in it is that of the writing.
		 * @param format the format; decimal by default
		 * @return this builder
		 */
		public Builder format(IdFormat format) {
			this.format = format;
			return this;
		}

		/**
		 * Sets who is told what the generator does.
		 * @param observer the observer
		 * @return this builder
		 */
		public Builder observer(IdGeneratorObserver observer) {
			this.observer = observer;
			return this;
		}

		Builder clock(LongSupplier millis, LongSupplier nanoTime) {
			this.millis = millis;
			this.nanoTime = nanoTime;
			return this;
		}

		/**
		 * Creates the generator and has it fetch its first segment in the background.
		 * @return a generator
		 * @throws InvalidGeneratorException if a value is out of its range
		 */
		public SegmentIdGenerator start() {
			Checks.name(this.name);
			Checks.least(this.least);
			if (this.minSize < 1 || this.maxSize < this.minSize) {
				throw new InvalidGeneratorException("max-size", "segments can't have from " + this.minSize + " to "
						+ this.maxSize + " numbers: the least has to be at least 1, and the most not below it");
			}
			Checks.maxWait(this.maxWait);
			SegmentIdGenerator generator = new SegmentIdGenerator(this);
			generator.thread.start();
			return generator;
		}

	}

}
