package io.concord.election;

import java.util.Collection;
import java.util.stream.Collectors;

import io.concord.ConcordException;

/**
 * There is no election of a name on this node: it is neither configured nor named by an
 * annotation.
 */
public class UnknownElectionException extends ConcordException {

	/**
	 * Creates the exception.
	 * @param name the name
	 * @param known names of the elections that there are
	 */
	public UnknownElectionException(String name, Collection<String> known) {
		super("There is no election '" + Names.abbreviate(name) + "' on this node. "
				+ (known.isEmpty() ? "There is none at all"
						: "There are " + known.stream()
							.map((one) -> "'" + Names.abbreviate(one) + "'")
							.sorted()
							.collect(Collectors.joining(", ")))
				+ ": configure it, or name it by @LeaderOnly.");
	}

}
