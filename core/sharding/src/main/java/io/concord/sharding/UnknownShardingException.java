package io.concord.sharding;

import java.util.Collection;
import java.util.TreeSet;

import io.concord.ConcordException;

/**
 * There is no sharding of this name.
 */
public class UnknownShardingException extends ConcordException {

	/**
	 * Creates the exception.
	 * @param name the name that is unknown
	 * @param known the names that there are
	 */
	public UnknownShardingException(String name, Collection<String> known) {
		super("There is no sharding '" + name + "'. "
				+ (known.isEmpty() ? "None is configured."
						: "Known are: " + String.join(", ", new TreeSet<>(known)) + ".")
				+ " Describe it by 'concord.sharding." + name + "'");
	}

}
