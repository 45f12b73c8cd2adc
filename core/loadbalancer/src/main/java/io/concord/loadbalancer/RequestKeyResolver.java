package io.concord.loadbalancer;

import org.jspecify.annotations.Nullable;

/**
 * Finds the key by which a call is given to an instance. Called for each call by its
 * thread: must neither wait nor throw. Thread-safe.
 */
@FunctionalInterface
public interface RequestKeyResolver {

	/**
	 * Finds the key of a call.
	 * @param request what is known of it
	 * @return the key, or null if it has none
	 */
	@Nullable String keyOf(BalancedRequest request);

}
