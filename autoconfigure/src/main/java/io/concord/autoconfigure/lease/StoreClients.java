package io.concord.autoconfigure.lease;

import org.jspecify.annotations.Nullable;

import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * Finds the backend of a feature that has stores of its own beside those of leases, by
 * the same rules. For the features of Concord; may change at any time. Thread-safe.
 */
public interface StoreClients {

	/**
	 * Phase in which what uses stores stops: after what runs methods of the application,
	 * the web server and schedulers, and before the connection factories of the stores,
	 * which are in phase 0.
	 */
	int PHASE = ExecutorConfigurationSupport.DEFAULT_PHASE - 1024;

	/**
	 * Chooses the backend and its client.
	 * @param feature what the properties of the feature are called after
	 * {@code concord.}, such as {@code idgen}
	 * @param backend the feature's own choice; by default that of all features
	 * @param user name of the bean that uses the client, which is destroyed before it
	 * @return the choice
	 * @throws InvalidConcordConfigurationException if no backend can be chosen, or the
	 * application has no such client
	 */
	StoreClient choose(String feature, @Nullable Backend backend, String user);

	/**
	 * What a feature is to use.
	 *
	 * @param backend the backend
	 * @param client the client bean, of the type that the backend has; null for the
	 * memory of this process
	 * @param namespace where to keep the data
	 * @param description backend, client and namespace, for people
	 * @param dependency which dependency brings the libraries of the backend
	 */
	record StoreClient(Backend backend, @Nullable Object client, String namespace, String description,
			String dependency) {

		/**
		 * Creates an exception for a backend whose libraries are not there.
		 * @return the exception
		 */
		public InvalidConcordConfigurationException withoutLibraries() {
			return new InvalidConcordConfigurationException(
					"The backend '%s' was chosen, but its libraries are not on the class path."
						.formatted(BackendClient.value(this.backend)),
					"Add the dependency '%s', or choose another backend by 'concord.backend'."
						.formatted(this.dependency));
		}

	}

}
