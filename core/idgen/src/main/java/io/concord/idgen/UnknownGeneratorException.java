package io.concord.idgen;

import java.util.Collection;

import io.concord.ConcordException;

/**
 * There is no generator of the name that was asked for.
 */
public class UnknownGeneratorException extends ConcordException {

	private final String generator;

	/**
	 * Creates an exception.
	 * @param generator the name that was asked for
	 * @param known the names that there are
	 */
	public UnknownGeneratorException(String generator, Collection<String> known) {
		super("There is no id generator '" + generator + "', only: " + String.join(", ", known));
		this.generator = generator;
	}

	/**
	 * Returns the name that was asked for.
	 * @return the name
	 */
	public String getGenerator() {
		return this.generator;
	}

}
