package io.concord.ratelimit;

import java.util.Collection;
import java.util.TreeSet;

import io.concord.ConcordException;

/**
 * There is no rule of this name.
 */
public class UnknownRateRuleException extends ConcordException {

	/**
	 * Creates the exception.
	 * @param name the name that is unknown
	 * @param known the names that there are
	 */
	public UnknownRateRuleException(String name, Collection<String> known) {
		super("There is no rate limit '" + name + "'. "
				+ (known.isEmpty() ? "No rules are defined."
						: "Known are: " + String.join(", ", new TreeSet<>(known)) + ".")
				+ " Describe it by 'concord.ratelimit.rules." + name + "', or with RateLimits.define.");
	}

}
