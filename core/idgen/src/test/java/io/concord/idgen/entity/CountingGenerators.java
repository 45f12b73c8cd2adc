package io.concord.idgen.entity;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

import io.concord.idgen.DecodedId;
import io.concord.idgen.IdFormat;
import io.concord.idgen.IdGeneratorStatus;
import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.UnknownGeneratorException;

/**
 * Generators that count from {@link #FIRST}, all together.
 */
public final class CountingGenerators implements LongIdGenerators {

	/** No JavaScript number can be it. */
	public static final long FIRST = 9_007_199_254_740_993L;

	private final Set<String> names;

	private final AtomicLong next = new AtomicLong(FIRST);

	public CountingGenerators(String... names) {
		this.names = new TreeSet<>(Set.of(names));
	}

	/**
	 * Returns how many ids were given.
	 * @return their number
	 */
	public long given() {
		return this.next.get() - FIRST;
	}

	@Override
	public LongIdGenerator get(String name) {
		if (!this.names.contains(name)) {
			throw new UnknownGeneratorException(name, this.names);
		}
		return new Generator(name);
	}

	@Override
	public Set<String> names() {
		return this.names;
	}

	private final class Generator implements LongIdGenerator {

		private final String name;

		Generator(String name) {
			this.name = name;
		}

		@Override
		public String name() {
			return this.name;
		}

		@Override
		public long next() {
			return CountingGenerators.this.next.getAndIncrement();
		}

		@Override
		public void next(long[] batch) {
			throw new UnsupportedOperationException();
		}

		@Override
		public String nextString() {
			return this.name + "-" + next();
		}

		@Override
		public IdFormat format() {
			throw new UnsupportedOperationException();
		}

		@Override
		public DecodedId decode(long id) {
			throw new UnsupportedOperationException();
		}

		@Override
		public IdGeneratorStatus status() {
			throw new UnsupportedOperationException();
		}

	}

}
