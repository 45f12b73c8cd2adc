package io.concord.loadbalancer;

import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What is known of a call before its instance is chosen. Immutable.
 *
 * @param key what the algorithm decides by, such as the value of a cookie; null or empty
 * if the call has none
 * @param tried ids of instances that must not be chosen, as the call has failed there
 */
public record Selection(@Nullable String key, Set<String> tried) {

	/** Nothing is known. */
	public static final Selection NONE = new Selection(null, Set.of());

	public Selection {
		tried = Set.copyOf(tried);
	}

}
