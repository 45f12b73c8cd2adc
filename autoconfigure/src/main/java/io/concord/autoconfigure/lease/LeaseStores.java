package io.concord.autoconfigure.lease;

import java.util.List;

import org.jspecify.annotations.Nullable;

import io.concord.autoconfigure.Backend;
import io.concord.lease.LeaseEngine;

/**
 * Gives each feature the engine of its backend: one engine and one store for each backend
 * in use, so that features may be on different ones. Thread safe.
 *
 * <p>
 * For features and for tests; an application uses the features. A bean of this type
 * replaces the whole choice of a store. To bring only a store, define a bean of type
 * {@link io.concord.lease.LeaseStore} instead: all features then use that one.
 */
public interface LeaseStores {

	/**
	 * Returns the engine of a feature. The first call chooses the backend and opens the
	 * store, so a feature calls it at start; later ones are cheap.
	 *
	 * <p>
	 * Don't keep the engine: after the application context was stopped and started anew
	 * it is another one. While the context is stopped, the engine is a closed one.
	 * @param feature what the properties of the feature are called after
	 * {@code concord.}, such as {@code lock}
	 * @param backend the feature's own choice; by default that of all features
	 * @return the engine
	 * @throws io.concord.autoconfigure.InvalidConcordConfigurationException if no backend
	 * can be chosen, or the one that was chosen can't be used as configured
	 */
	LeaseEngine engine(String feature, @Nullable Backend backend);

	/**
	 * Describes what {@link #engine} returns for the same arguments, for people.
	 * @param feature as there
	 * @param backend as there
	 * @return such as
	 * {@code backend redis, store redis (localhost:6379), namespace 'shop'}; no secrets
	 * @throws io.concord.autoconfigure.InvalidConcordConfigurationException as there
	 */
	String describe(String feature, @Nullable Backend backend);

	/**
	 * Returns the engines whose stores are open at this moment, each once. Opens nothing.
	 * @return the engines; none by default
	 */
	default List<LeaseEngine> open() {
		return List.of();
	}

}
