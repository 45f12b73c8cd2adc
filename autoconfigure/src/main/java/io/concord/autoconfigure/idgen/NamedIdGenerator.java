package io.concord.autoconfigure.idgen;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.concord.idgen.DecodedId;
import io.concord.idgen.IdFormat;
import io.concord.idgen.IdGeneratorStatus;
import io.concord.idgen.LongIdGenerator;

/**
 * What is injected for a name. Starts the generator at the first use, and goes on with a
 * new one after the context was stopped and started again.
 */
final class NamedIdGenerator implements LongIdGenerator {

	private final String name;

	private final Supplier<LongIdGenerator> starting;

	private volatile @Nullable LongIdGenerator started;

	/**
	 * Creates a generator that is not started.
	 * @param starting returns the generator, started; the same for all who ask
	 */
	NamedIdGenerator(String name, Supplier<LongIdGenerator> starting) {
		this.name = name;
		this.starting = starting;
	}

	LongIdGenerator generator() {
		LongIdGenerator generator = this.started;
		return (generator != null) ? generator : this.starting.get();
	}

	/** Called under the lock of {@link DefaultLongIdGenerators}. */
	void set(@Nullable LongIdGenerator generator) {
		this.started = generator;
	}

	@Nullable LongIdGenerator started() {
		return this.started;
	}

	@Override
	public String name() {
		return this.name;
	}

	@Override
	public long next() {
		return generator().next();
	}

	@Override
	public void next(long[] batch) {
		generator().next(batch);
	}

	@Override
	public String nextString() {
		return generator().nextString();
	}

	@Override
	public IdFormat format() {
		return generator().format();
	}

	@Override
	public DecodedId decode(long id) {
		return generator().decode(id);
	}

	@Override
	public IdGeneratorStatus status() {
		return generator().status();
	}

	@Override
	public String toString() {
		return "id generator '" + this.name + "'";
	}

}
