package io.concord.idgen;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseStoreException;

/**
 * Asks a {@link SequenceStore} for each id. Ids rise across all threads and processes: a
 * call that begins after another has returned gets a larger one. Gaps are possible. Each
 * id costs a call of the store, made by the calling thread.
 */
public final class SequenceIdGenerator implements LongIdGenerator, AutoCloseable {

	private final String name;

	private final SequenceStore store;

	private final long least;

	private final Duration storeTimeout;

	private final IdFormat format;

	private final LongSupplier millis;

	private final LongSupplier nanoTime;

	private final IdGeneratorObserver observer;

	private final LongAdder issued = new LongAdder();

	private volatile @Nullable LeaseStoreException failure;

	private volatile boolean closed;

	private SequenceIdGenerator(Builder builder) {
		this.name = builder.name;
		this.store = builder.store;
		this.least = builder.least;
		this.storeTimeout = builder.storeTimeout;
		this.format = builder.format;
		this.millis = builder.millis;
		this.nanoTime = builder.nanoTime;
		this.observer = builder.observer;
	}

	/**
	 * Starts the description of a generator.
	 * @param name its name, under which the counter is stored: 1 to 255 characters
	 * @param store where ids come from; not closed by the generator
	 * @return a builder
	 */
	public static Builder builder(String name, SequenceStore store) {
		return new Builder(name, store);
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public long next() {
		if (this.closed) {
			throw new IdsUnavailableException("'" + this.name + "' is closed");
		}
		long start = this.nanoTime.getAsLong();
		boolean answered = false;
		try {
			long id = this.store.next(this.name, this.least, this.storeTimeout);
			answered = true;
			this.failure = null;
			this.issued.increment();
			return id;
		}
		catch (LeaseStoreException ex) {
			this.failure = ex;
			throw new IdsUnavailableException("'" + this.name + "' got no id: " + ex.getMessage(), ex);
		}
		finally {
			this.observer.fetched(this.name, this.nanoTime.getAsLong() - start, answered);
		}
	}

	@Override
	public void next(long[] batch) {
		for (int i = 0; i < batch.length; i++) {
			batch[i] = next();
		}
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
		LeaseStoreException cause = this.failure;
		return new IdGeneratorStatus(this.name, "sequence", this.store.describe(), this.issued.sum(),
				this.closed ? "closed" : (cause != null) ? String.valueOf(cause.getMessage()) : null, null, null);
	}

	/** Ends the generator. */
	@Override
	public void close() {
		this.closed = true;
	}

	/**
	 * Describes a generator. Not thread-safe.
	 */
	public static final class Builder {

		private final String name;

		private final SequenceStore store;

		private long least = 1;

		private Duration storeTimeout = Duration.ofSeconds(2);

		private IdFormat format = IdFormats.decimal();

		private IdGeneratorObserver observer = IdGeneratorObserver.NONE;

		private LongSupplier millis = System::currentTimeMillis;

		private LongSupplier nanoTime = System::nanoTime;

		private Builder(String name, SequenceStore store) {
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
		 * Sets the time-out of calls to the store, which is how long an id may take.
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

		/**
		 * Creates the generator. Asks the store for nothing yet.
		 * @return a generator
		 * @throws InvalidGeneratorException if a value is out of its range
		 */
		public SequenceIdGenerator start() {
			Checks.name(this.name);
			Checks.least(this.least);
			return new SequenceIdGenerator(this);
		}

	}

}
