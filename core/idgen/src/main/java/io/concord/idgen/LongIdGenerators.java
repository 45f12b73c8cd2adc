package io.concord.idgen;

import java.util.Set;

/**
 * All generators of an application, by name. Thread-safe.
 */
public interface LongIdGenerators {

	/** Name of the generator that is meant where none is named. */
	String DEFAULT_NAME = "default";

	/**
	 * Returns a generator. The first call for a name starts it, which can take as long as
	 * the store does.
	 * @param name name of the generator
	 * @return the generator; always the same for a name
	 * @throws UnknownGeneratorException if there is none of this name
	 * @throws io.concord.ConcordException if it can't start
	 */
	LongIdGenerator get(String name);

	/**
	 * Returns the names of the generators.
	 * @return the names, sorted; started or not
	 */
	Set<String> names();

}
