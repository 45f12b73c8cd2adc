package io.concord.idgen;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Issues ids of a {@link SnowflakeLayout}: a time, a worker id and a number within the
 * unit of time.
 *
 * <h2>Why no id is issued twice</h2>
 *
 * Holders of one worker id have disjoint ranges of time, see {@link WorkerIdStore} and
 * {@link WorkerRange}. Inside the process, a range has one counter of positions, which
 * only rises. Threads take blocks of positions from it by compare-and-set and hand them
 * out without further ado, so neither a lock nor the store is on the way of an id. Clocks
 * only decide which of the positions that are free is used.
 *
 * <h2>Order</h2>
 *
 * Ids that a thread gets rise. So do ids of different threads and processes that are
 * issued in different units of time, as far as their clocks agree; within one unit they
 * don't. A block is used within the unit of time in which it was taken and is dropped
 * after that, but for a generator under full load, see below.
 *
 * <h2>The clock</h2>
 *
 * A step back is bridged by logical time: positions go on where they were, as long as
 * that is no further ahead of the clock than the lead that was configured. A clock that
 * is ahead of the mark makes what is left below the mark be used, within the same bound.
 * Threads that find all numbers of a unit taken are parked until the next; what passes
 * unused while they wait for a processor, and what is left of blocks whose unit is over,
 * is used up to {@value #CATCH_UP_MILLIS} ms later, so a generator under full load can
 * issue times that are so much behind.
 *
 * <p>
 * The first number of a unit is chosen at random while there is little load, so that ids
 * modulo n are spread evenly.
 */
public final class SnowflakeIdGenerator implements LongIdGenerator, AutoCloseable {

	/** How far ahead of the store's time the mark is where nothing is said. */
	public static final Duration DEFAULT_LEAD = Duration.ofSeconds(10);

	/** How long a call waits for an id where nothing is said. */
	public static final Duration DEFAULT_MAX_WAIT = Duration.ofSeconds(2);

	static final int CATCH_UP_MILLIS = 50;

	/** So that a step is not seen where two threads read the clock at the same time. */
	private static final int LEAST_STEP_MILLIS = 5;

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private static final int MAX_BLOCK_BITS = 12;

	/** A thread's block is a fraction of a unit, so that threads share it. */
	private static final int BLOCKS_PER_UNIT_BITS = 4;

	// A thread's block is an array, and no object of this class, so that a thread that
	// outlives the generator keeps neither it nor its class loader. Empty places at both
	// ends keep the blocks of two threads off one cache line.

	private static final int NEXT = 8;

	private static final int END = 9;

	private static final int FROM = 10;

	private static final int UNTIL = 11;

	private static final int START = 12;

	private static final int SIZE = 13;

	private static final int LIMIT = 14;

	private static final int LENGTH = 23;

	private final String name;

	private final SnowflakeLayout layout;

	private final IdFormat format;

	private final long epochMillis;

	private final long unitMillis;

	private final int sequenceBits;

	private final int workerShift;

	private final long maxTick;

	private final long maxLead;

	private final long catchUpTicks;

	private final long maxBlock;

	private final long maxWaitNanos;

	private final LongSupplier millis;

	private final LongSupplier nanoTime;

	private final IdGeneratorObserver observer;

	private final Waiters waiters;

	private final @Nullable WorkerIdStore store;

	private final Duration storeTimeout;

	private final @Nullable WorkerIdKeeper keeper;

	private final ThreadLocal<long[]> blocks = ThreadLocal.withInitial(() -> new long[LENGTH]);

	private final LongAdder issued = new LongAdder();

	/** Written by the thread that starts, the keeper's and the one that closes. */
	private volatile @Nullable WorkerRange range;

	private volatile boolean closed;

	/** Until when missed units are made up for; only a hint, so races do no harm. */
	private volatile long busyUntil = Long.MIN_VALUE;

	/** The latest time that was seen; only for the meter of steps. */
	private volatile long lastMillis = Long.MIN_VALUE;

	private SnowflakeIdGenerator(Builder builder) {
		this.name = builder.name;
		this.layout = builder.layout;
		this.format = builder.format;
		this.epochMillis = this.layout.epoch().toEpochMilli();
		this.unitMillis = this.layout.tick().toMillis();
		this.sequenceBits = this.layout.sequenceBits();
		this.workerShift = this.layout.workerBits();
		// The very last unit is left out, so that a position after it fits a long.
		this.maxTick = (1L << this.layout.timestampBits()) - 2;
		this.maxLead = -Math.floorDiv(-builder.maxClockLead().toMillis(), this.unitMillis);
		this.catchUpTicks = CATCH_UP_MILLIS / this.unitMillis;
		this.maxBlock = 1L << Math.max(0, Math.min(MAX_BLOCK_BITS, this.sequenceBits - BLOCKS_PER_UNIT_BITS));
		this.maxWaitNanos = builder.maxWait.toNanos();
		this.millis = builder.millis;
		this.nanoTime = builder.nanoTime;
		this.observer = builder.observer;
		this.waiters = new Waiters(builder.park);
		this.store = builder.store;
		this.storeTimeout = builder.storeTimeout;
		if (this.store != null) {
			WorkerIdClaim template = new WorkerIdClaim(this.name, this.layout.stamp(), builder.firstWorker(),
					builder.lastWorker(), "template", builder.holder, builder.lead);
			this.keeper = new WorkerIdKeeper(this.name, this.store, template, builder.storeTimeout, this.millis,
					this.nanoTime, new Target(), this.observer, builder.events);
		}
		else {
			this.keeper = null;
			this.range = new WorkerRange(builder.firstWorker(), 0, this.sequenceBits, this.maxLead, this.maxTick);
		}
	}

	/**
	 * Starts the description of a generator.
	 * @param name its name, under which worker ids are stored: 1 to 255 characters
	 * @param layout how its ids are built
	 * @return a builder
	 */
	public static Builder builder(String name, SnowflakeLayout layout) {
		return new Builder(name, layout);
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public long next() {
		long[] block = this.blocks.get();
		if (!isUsable(block)) {
			refill(block);
		}
		return block[NEXT]++;
	}

	private boolean isUsable(long[] block) {
		if (block[NEXT] >= block[END]) {
			return false;
		}
		long now = this.millis.getAsLong();
		return now >= block[FROM] && (now < block[UNTIL] || prolong(block, now));
	}

	/**
	 * Under full load, no number is to be lost: what is left of a block is used although
	 * its unit is over.
	 */
	private boolean prolong(long[] block, long now) {
		if (now >= this.busyUntil || now >= block[LIMIT]) {
			return false;
		}
		block[UNTIL] = now + 1;
		return true;
	}

	private void refill(long[] block) {
		count(block);
		long size = block[SIZE];
		// Who has used up a block within its unit gets a larger one; who has not, a
		// smaller.
		boolean usedUp = block[NEXT] == block[END] && this.millis.getAsLong() < block[UNTIL];
		size = usedUp ? Math.min(2 * size, this.maxBlock) : Math.max(1, size / 2);
		block[SIZE] = size;
		take(block, size);
	}

	@Override
	public void next(long[] batch) {
		long[] block = this.blocks.get();
		int filled = 0;
		while (filled < batch.length) {
			if (!isUsable(block)) {
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

	/**
	 * Takes a new block for the calling thread, or throws and leaves the block as it is.
	 */
	private void take(long[] block, long wanted) {
		long since = 0;
		boolean waits = false;
		while (true) {
			WorkerRange range = this.range;
			long position = (range != null) ? range.next.get() : WorkerRange.CLOSED;
			// After the position: no other thread can have used a later time by then.
			long millis = this.millis.getAsLong();
			Obstacle obstacle;
			if (range == null || position == WorkerRange.CLOSED) {
				obstacle = Obstacle.NO_WORKER;
			}
			else {
				noteStep(millis);
				long now = Math.floorDiv(millis - this.epochMillis, this.unitMillis);
				long start = choose(range, position, now, millis);
				if (start >= 0) {
					long tick = start >> this.sequenceBits;
					long end = Math.min(start + wanted, (tick + 1) << this.sequenceBits);
					if (range.next.compareAndSet(position, end)) {
						fill(block, range.worker, start, end, now);
						if (waits) {
							this.observer.waited(this.name, this.nanoTime.getAsLong() - since, true);
						}
						return;
					}
					continue;
				}
				obstacle = Obstacle.of(start);
			}
			long nanos = this.nanoTime.getAsLong();
			if (!waits) {
				waits = true;
				since = nanos;
			}
			long left = since + this.maxWaitNanos - nanos;
			if (left <= 0 || this.closed || !await(obstacle, range, position, millis, left)) {
				this.observer.waited(this.name, nanos - since, false);
				throw failure(obstacle, range, position, millis, since);
			}
		}
	}

	/**
	 * Chooses where the next block begins.
	 * @return a position, or the code of an obstacle
	 */
	private long choose(WorkerRange range, long position, long now, long millis) {
		long free = position >> this.sequenceBits;
		long start = position;
		if (free > now) {
			if (free == now + 1 && isBoundary(position) && free > range.firstTick) {
				return Obstacle.UNIT_IS_USED_UP.code();
			}
			if (free - now > range.maxLead) {
				return Obstacle.CLOCK_IS_BEHIND.code();
			}
		}
		else if (free < now) {
			if (millis >= this.busyUntil) {
				start = (now << this.sequenceBits) + ThreadLocalRandom.current().nextInt(1 << (this.sequenceBits - 1));
			}
			else {
				start = Math.max(position, (now - this.catchUpTicks) << this.sequenceBits);
			}
		}
		long last = range.lastTick();
		if (start >> this.sequenceBits > last) {
			if (free > last || now - last > range.maxLead) {
				return (last >= this.maxTick) ? Obstacle.LAYOUT_RAN_OUT.code() : Obstacle.MARK_IS_REACHED.code();
			}
			start = Math.max(position, (now - range.maxLead) << this.sequenceBits);
		}
		return start;
	}

	private boolean isBoundary(long position) {
		return (position & ((1L << this.sequenceBits) - 1)) == 0;
	}

	private void fill(long[] block, int worker, long start, long end, long now) {
		long tick = start >> this.sequenceBits;
		long first = (((tick << this.workerShift) | worker) << this.sequenceBits)
				| (start & ((1L << this.sequenceBits) - 1));
		block[NEXT] = first;
		block[START] = first;
		block[END] = first + (end - start);
		// Whatever time the ids have, they are given while the clock stays where it is.
		block[FROM] = this.epochMillis + now * this.unitMillis;
		block[UNTIL] = block[FROM] + this.unitMillis;
		block[LIMIT] = millisOf(tick) + CATCH_UP_MILLIS;
	}

	private void noteStep(long millis) {
		long last = this.lastMillis;
		if (millis > last) {
			this.lastMillis = millis;
		}
		else if (last - millis > LEAST_STEP_MILLIS) {
			this.lastMillis = millis;
			this.observer.clockStepped(this.name, last - millis);
		}
	}

	/**
	 * Waits for an obstacle to go, or for a while.
	 * @return whether it makes sense to look again
	 */
	private boolean await(Obstacle obstacle, @Nullable WorkerRange range, long position, long millis, long left) {
		switch (obstacle) {
			case UNIT_IS_USED_UP -> {
				this.busyUntil = millis + CATCH_UP_MILLIS;
				long next = Math.floorMod(this.epochMillis - millis, this.unitMillis);
				long pause = TimeUnit.MILLISECONDS.toNanos((next == 0) ? this.unitMillis : next);
				if (pause > left) {
					return false;
				}
				this.waiters.pause(pause);
				return true;
			}
			case CLOCK_IS_BEHIND -> {
				long pause = TimeUnit.MILLISECONDS
					.toNanos(behindMillis(Objects.requireNonNull(range), position, millis));
				if (pause > left) {
					return false;
				}
				this.waiters.await(() -> this.range != range || this.closed, Math.min(pause, PAUSE_NANOS));
				return true;
			}
			case MARK_IS_REACHED, NO_WORKER -> {
				WorkerIdKeeper keeper = this.keeper;
				if (keeper == null) {
					return false;
				}
				if (keeper.failure() == null) {
					keeper.hurry();
				}
				long last = (range != null) ? range.lastTick() : 0;
				this.waiters.await(
						() -> this.range != range || this.closed || (range != null && range.lastTick() != last),
						Math.min(left, PAUSE_NANOS));
				return true;
			}
			case LAYOUT_RAN_OUT -> {
				return false;
			}
		}
		return false;
	}

	/** For how long the clock has to go on until logical time is near enough. */
	private long behindMillis(WorkerRange range, long position, long millis) {
		long earliest = (position >> this.sequenceBits) - range.maxLead;
		return this.epochMillis + earliest * this.unitMillis - millis;
	}

	private IdGenerationException failure(Obstacle obstacle, @Nullable WorkerRange range, long position, long millis,
			long since) {
		if (this.closed) {
			return new IdsUnavailableException("'" + this.name + "' is closed");
		}
		long waited = TimeUnit.NANOSECONDS.toMillis(this.maxWaitNanos);
		return switch (obstacle) {
			case LAYOUT_RAN_OUT -> new IdsExhaustedException("The layout '" + this.layout.stamp() + "' of '" + this.name
					+ "' ran out at " + this.layout.runsOut());
			case CLOCK_IS_BEHIND -> new ClockException("'" + this.name + "' has issued ids up to "
					+ Instant.ofEpochMilli(millisOf(position >> this.sequenceBits)) + ", but the clock shows "
					+ Instant.ofEpochMilli(millis) + ": it has stepped back by more than the "
					+ Objects.requireNonNull(range).maxLead * this.unitMillis + " ms that are bridged");
			case UNIT_IS_USED_UP -> new IdsUnavailableException(
					"All " + this.layout.idsPerUnit() + " ids of the unit of time are issued, and the next is not there"
							+ " within the " + waited + " ms that a call of '" + this.name + "' waits");
			case NO_WORKER -> {
				Exception cause = (this.keeper != null) ? this.keeper.failure() : null;
				yield new IdsUnavailableException("'" + this.name + "' has no worker id: "
						+ ((cause != null) ? cause.getMessage() : "it was not started"), cause);
			}
			case MARK_IS_REACHED -> {
				WorkerIdKeeper keeper = Objects.requireNonNull(this.keeper);
				Exception cause = keeper.failure();
				String mark = "'" + this.name + "' may issue ids up to " + Instant.ofEpochMilli(keeper.highWater())
						+ " only, but the clock shows " + Instant.ofEpochMilli(millis);
				yield (cause == null && keeper.isConfirmedSince(since))
						? new ClockException(mark + ": it is ahead of the clock of "
								+ Objects.requireNonNull(this.store).describe() + " by about " + keeper.skew() + " ms")
						: new IdsUnavailableException(mark + ", and the mark was not moved within " + waited + " ms"
								+ ((cause != null) ? ": " + cause.getMessage() : ""), cause);
			}
		};
	}

	private long millisOf(long tick) {
		return this.epochMillis + tick * this.unitMillis;
	}

	@Override
	public String nextString() {
		long id = next();
		return this.format.format(id, this.layout.decode(id).time());
	}

	@Override
	public IdFormat format() {
		return this.format;
	}

	@Override
	public DecodedId decode(long id) {
		return this.layout.decode(id);
	}

	/**
	 * Returns how ids are built.
	 * @return the layout
	 */
	public SnowflakeLayout layout() {
		return this.layout;
	}

	/**
	 * Asks the store who holds worker ids of this generator, in whatever process.
	 * @return the holders by worker id; empty without a store
	 * @throws io.concord.lease.LeaseStoreException if the store failed
	 */
	public List<WorkerIdHolder> holders() {
		return (this.store != null) ? this.store.holders(this.name, this.storeTimeout) : List.of();
	}

	/** Has the mark moved soon, for tests. */
	void hurry() {
		if (this.keeper != null) {
			this.keeper.hurry();
		}
	}

	@Override
	public IdGeneratorStatus status() {
		WorkerIdKeeper keeper = this.keeper;
		WorkerRange range = this.range;
		Exception failure = (keeper != null) ? keeper.failure() : null;
		String problem = (failure != null) ? String.valueOf(failure.getMessage()) : null;
		if (this.closed) {
			problem = "closed";
		}
		Integer worker = (range != null) ? range.worker : null;
		long mark = (keeper != null) ? keeper.highWater() : 0;
		IdGeneratorStatus.Worker state = new IdGeneratorStatus.Worker(worker,
				(worker != null) ? worker >> this.layout.machineBits() : null,
				(worker != null) ? worker & ((1 << this.layout.machineBits()) - 1) : null,
				(keeper != null) ? Instant.ofEpochMilli(mark) : null,
				(keeper != null) ? mark - this.millis.getAsLong() : null, (keeper != null) ? keeper.skew() : null,
				this.layout.runsOut());
		return new IdGeneratorStatus(this.name, "snowflake", (this.store != null) ? this.store.describe() : null,
				this.issued.sum(), problem, state, null);
	}

	/**
	 * Ends the generator and gives the worker id back, which takes as long as the store's
	 * time-out at most. Ids that threads have taken ahead may still be given, and are
	 * unique.
	 */
	@Override
	public void close() {
		this.closed = true;
		if (this.keeper != null) {
			this.keeper.close();
		}
		else {
			WorkerRange range = this.range;
			if (range != null) {
				range.close();
			}
		}
		this.waiters.wake();
	}

	/** Why there is no id at this moment. */
	private enum Obstacle {

		NO_WORKER, UNIT_IS_USED_UP, CLOCK_IS_BEHIND, MARK_IS_REACHED, LAYOUT_RAN_OUT;

		private static final Obstacle[] ALL = values();

		/** A negative number, where a position could be. */
		long code() {
			return -1 - ordinal();
		}

		static Obstacle of(long code) {
			return ALL[(int) (-1 - code)];
		}

	}

	private final class Target implements WorkerIdKeeper.Target {

		/** The first unit that this process has not issued ids for. */
		private volatile long nextTick;

		@Override
		public void install(WorkerIdAnswer.Granted granted) {
			SnowflakeIdGenerator self = SnowflakeIdGenerator.this;
			long above = Math.floorDiv(granted.floor() - self.epochMillis, self.unitMillis) + 1;
			// Above what this process has issued with another worker id, so that the ids
			// of
			// a thread go on to rise.
			long first = Math.max(0, Math.max(above, this.nextTick));
			long now = Math.floorDiv(self.millis.getAsLong() - self.epochMillis, self.unitMillis);
			self.range = new WorkerRange(granted.lease().workerId(), first, self.sequenceBits,
					self.maxLead + Math.max(0, first - now), lastTick(granted.highWater()));
			self.waiters.wake();
		}

		@Override
		public void extend(long highWater) {
			WorkerRange range = SnowflakeIdGenerator.this.range;
			if (range != null) {
				range.extend(lastTick(highWater));
			}
			SnowflakeIdGenerator.this.waiters.wake();
		}

		/** The last unit that lies at or below a mark as a whole. */
		private long lastTick(long highWater) {
			SnowflakeIdGenerator self = SnowflakeIdGenerator.this;
			return Math.min(self.maxTick, Math.floorDiv(highWater + 1 - self.epochMillis, self.unitMillis) - 1);
		}

		@Override
		public long retire() {
			SnowflakeIdGenerator self = SnowflakeIdGenerator.this;
			WorkerRange range = self.range;
			long position = (range != null) ? range.close() : WorkerRange.CLOSED;
			if (position != WorkerRange.CLOSED) {
				this.nextTick = ((position - 1) >> self.sequenceBits) + 1;
			}
			self.range = null;
			self.waiters.wake();
			return self.millisOf(this.nextTick) - 1;
		}

		@Override
		public void changed() {
			SnowflakeIdGenerator.this.waiters.wake();
		}

	}

	/**
	 * Describes a generator. Not thread-safe.
	 */
	public static final class Builder {

		private final String name;

		private final SnowflakeLayout layout;

		private IdFormat format = IdFormats.decimal();

		private @Nullable WorkerIdStore store;

		private @Nullable Integer worker;

		private @Nullable Integer datacenter;

		private String holder = "pid " + ProcessHandle.current().pid();

		private Duration lead = DEFAULT_LEAD;

		private @Nullable Duration maxClockLead;

		private @Nullable Duration maxSkew;

		private Duration maxWait = DEFAULT_MAX_WAIT;

		private Duration storeTimeout = Duration.ofSeconds(2);

		private IdGeneratorObserver observer = IdGeneratorObserver.NONE;

		private Consumer<Object> events = (event) -> {
		};

		private LongSupplier millis = System::currentTimeMillis;

		private LongSupplier nanoTime = System::nanoTime;

		private LongConsumer park = LockSupport::parkNanos;

		private Builder(String name, SnowflakeLayout layout) {
			this.name = name;
			this.layout = layout;
		}

		/**
		 * Sets where worker ids come from. Without a store, {@link #worker(int)} has to
		 * be said, and nobody guards against two processes with the same one, nor against
		 * a clock that has stepped back while the process was down.
		 * @param store the store; not closed by the generator
		 * @return this builder
		 */
		public Builder store(WorkerIdStore store) {
			this.store = store;
			return this;
		}

		/**
		 * Sets the worker id. With a store, the generator waits at start for it to become
		 * free for as long as the mark of a dead holder lasts.
		 * @param worker the whole worker id; by default any that is free
		 * @return this builder
		 */
		public Builder worker(int worker) {
			this.worker = worker;
			return this;
		}

		/**
		 * Sets the datacenter, the upper bits of the worker id.
		 * @param datacenter the datacenter; by default any
		 * @return this builder
		 */
		public Builder datacenter(int datacenter) {
			this.datacenter = datacenter;
			return this;
		}

		/**
		 * Sets how ids are written as text.
		 * @param format the format; decimal by default
		 * @return this builder
		 */
		public Builder format(IdFormat format) {
			this.format = format;
			return this;
		}

		/**
		 * Sets what this process is called where holders are listed.
		 * @param holder text for people; by default the process id
		 * @return this builder
		 */
		public Builder holder(String holder) {
			this.holder = (holder.length() > WorkerIdClaim.MAX_TEXT) ? holder.substring(0, WorkerIdClaim.MAX_TEXT)
					: holder;
			return this;
		}

		/**
		 * Sets how far ahead of the store's time the mark is: so long may the store be
		 * away, and so long does a worker id stay taken after its holder has died. It is
		 * extended three times within.
		 * @param lead at least 100 ms and three units of time
		 * @return this builder
		 */
		public Builder lead(Duration lead) {
			this.lead = lead;
			return this;
		}

		/**
		 * Sets how far logical time may be ahead of a clock that has stepped back, and
		 * how far behind one that is ahead of the mark.
		 * @param maxClockLead at most the lead; half of it by default
		 * @return this builder
		 */
		public Builder maxClockLead(Duration maxClockLead) {
			this.maxClockLead = maxClockLead;
			return this;
		}

		/**
		 * Sets by how much the clocks of this process and of the store may differ at
		 * start.
		 * @param maxSkew at most the lead; half of it by default
		 * @return this builder
		 */
		public Builder maxSkew(Duration maxSkew) {
			this.maxSkew = maxSkew;
			return this;
		}

		/**
		 * Sets how long a call waits for an id.
		 * @param maxWait the time, positive
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
		 * Sets who is told what the generator does.
		 * @param observer the observer
		 * @return this builder
		 */
		public Builder observer(IdGeneratorObserver observer) {
			this.observer = observer;
			return this;
		}

		/**
		 * Sets who gets {@link WorkerIdTakenEvent} and {@link WorkerIdLostEvent}.
		 * @param events the listener; called by the thread that starts the generator, and
		 * by one that must not be held up for longer than a moment
		 * @return this builder
		 */
		public Builder events(Consumer<Object> events) {
			this.events = events;
			return this;
		}

		Builder clock(LongSupplier millis, LongSupplier nanoTime, LongConsumer park) {
			this.millis = millis;
			this.nanoTime = nanoTime;
			this.park = park;
			return this;
		}

		private Duration maxClockLead() {
			return (this.maxClockLead != null) ? this.maxClockLead : this.lead.dividedBy(2);
		}

		private int firstWorker() {
			if (this.worker != null) {
				return this.worker;
			}
			return (this.datacenter != null) ? this.datacenter << this.layout.machineBits() : 0;
		}

		private int lastWorker() {
			if (this.worker != null) {
				return this.worker;
			}
			return (this.datacenter != null) ? ((this.datacenter + 1) << this.layout.machineBits()) - 1
					: this.layout.workers() - 1;
		}

		/**
		 * Creates the generator and takes a worker id, which can take as long as the
		 * store does.
		 * @return a generator that issues ids
		 * @throws InvalidGeneratorException if a value is out of its range
		 * @throws LayoutMismatchException if others use another layout
		 * @throws NoFreeWorkerIdException if all worker ids are taken
		 * @throws ClockException if the clock differs too much from the store's
		 * @throws io.concord.lease.LeaseStoreException if the store can't be asked
		 */
		public SnowflakeIdGenerator start() {
			check();
			if (this.store == null && this.worker == null) {
				throw new InvalidGeneratorException("worker-id", "without a store, the worker id has to be given");
			}
			SnowflakeIdGenerator generator = new SnowflakeIdGenerator(this);
			if (generator.keeper != null) {
				Duration patience = (this.worker != null) ? this.lead.plus(this.storeTimeout) : Duration.ZERO;
				generator.keeper.start(patience, (this.maxSkew != null) ? this.maxSkew : this.lead.dividedBy(2));
			}
			return generator;
		}

		/**
		 * Checks what is described so far, without asking a store.
		 * @return this builder
		 * @throws InvalidGeneratorException if a value is out of its range
		 */
		public Builder check() {
			Checks.name(this.name);
			Instant now = Instant.ofEpochMilli(this.millis.getAsLong());
			if (this.layout.epoch().isAfter(now)) {
				throw new InvalidGeneratorException("epoch",
						"the epoch " + this.layout.epoch() + " is in the future: it is " + now);
			}
			if (!now.isBefore(this.layout.runsOut())) {
				throw new InvalidGeneratorException("epoch", "the layout '" + this.layout.stamp() + "' has run out at "
						+ this.layout.runsOut() + ": give the time more bits, or a later epoch and another name");
			}
			if (this.worker != null && (this.worker < 0 || this.worker >= this.layout.workers())) {
				throw new InvalidGeneratorException("worker-id",
						"the worker id " + this.worker + " is not between 0 and " + (this.layout.workers() - 1)
								+ ", which is what " + this.layout.workerBits() + " bits hold");
			}
			int datacenters = 1 << this.layout.datacenterBits();
			if (this.datacenter != null && (this.datacenter < 0 || this.datacenter >= datacenters)) {
				throw new InvalidGeneratorException("datacenter",
						"the datacenter " + this.datacenter + " is not between 0 and " + (datacenters - 1)
								+ ", which is what " + this.layout.datacenterBits() + " bits hold");
			}
			if (this.worker != null && this.datacenter != null
					&& this.worker >> this.layout.machineBits() != this.datacenter) {
				throw new InvalidGeneratorException("worker-id",
						"the worker id " + this.worker + " is not one of datacenter " + this.datacenter);
			}
			Duration leastLead = (this.layout.unit() == ChronoUnit.MILLIS) ? Duration.ofMillis(100)
					: Duration.ofSeconds(3);
			if (this.lead.compareTo(leastLead) < 0) {
				throw new InvalidGeneratorException("lead",
						"the lead has to be at least " + leastLead.toMillis() + " ms and not " + this.lead.toMillis());
			}
			checkBound("max-clock-lead", "lead of the logical clock", maxClockLead());
			checkBound("max-skew", "skew", (this.maxSkew != null) ? this.maxSkew : Duration.ZERO);
			Checks.maxWait(this.maxWait);
			return this;
		}

		private void checkBound(String name, String what, Duration value) {
			if (value.isNegative() || value.compareTo(this.lead) > 0) {
				throw new InvalidGeneratorException(name,
						"the greatest " + what + " has to be between 0 and the lead of " + this.lead.toMillis()
								+ " ms and not " + value.toMillis() + " ms");
			}
		}

	}

}
