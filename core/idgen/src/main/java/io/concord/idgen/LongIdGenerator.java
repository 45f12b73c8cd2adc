package io.concord.idgen;

import java.util.function.LongSupplier;

/**
 * Gives ids that no other call ever gets, in this process or another that uses the same
 * name on the same store. What they look like, in which order they come and what they
 * rest on depends on the kind of the generator.
 *
 * <p>
 * Ids are positive and never secrets: who has seen one can guess others. Thread-safe. Any
 * method that gives ids may wait for the bounded time that the generator was given, and
 * then throws; it does not react to the thread's interruption meanwhile, whose flag stays
 * set.
 */
public interface LongIdGenerator extends LongSupplier {

	/**
	 * Returns the name of the generator.
	 * @return the name, which is part of what is stored
	 */
	String name();

	/**
	 * Returns a new id.
	 * @return the id, positive
	 * @throws IdGenerationException if there is none within the bounded wait
	 */
	long next();

	/**
	 * Fills an array with new ids, rising. Cheaper than as many calls of {@link #next()}.
	 * @param batch what to fill; its content is undefined if the call throws
	 * @throws IdGenerationException if there are not enough within the bounded wait of
	 * each
	 */
	void next(long[] batch);

	/**
	 * Returns a new id in the format of the generator.
	 * @return the text, which {@link #format()} can parse
	 * @throws IdGenerationException if there is none within the bounded wait
	 */
	String nextString();

	/**
	 * Returns how ids of this generator are written as text.
	 * @return the format
	 */
	IdFormat format();

	/**
	 * Takes an id apart.
	 * @param id an id of this generator, or of one with the same layout
	 * @return its parts
	 * @throws IllegalArgumentException if the layout gives no such id
	 * @throws UnsupportedOperationException if ids of this kind are mere numbers
	 */
	DecodedId decode(long id);

	/**
	 * Tells how the generator does. No I/O.
	 * @return its state at this moment
	 */
	IdGeneratorStatus status();

	/**
	 * Returns a new id, as {@link #next()} does.
	 * @return the id
	 */
	@Override
	default long getAsLong() {
		return next();
	}

}
