package io.concord.autoconfigure.actuate;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What a feature shows on the actuator endpoint {@code concord}. For the features of
 * Concord; may change at any time. Thread-safe.
 */
public interface EndpointFeature {

	/**
	 * Returns the feature's part of the path.
	 * @return such as {@code locks}
	 */
	String selector();

	/**
	 * Describes what this process holds or runs. No I/O.
	 * @param showKeys whether keys may be shown, which can be data of people
	 * @return the body of the answer
	 */
	OperationResponseBody here(boolean showKeys);

	/**
	 * Asks the store about one name.
	 * @param name the full name, with its key
	 * @return the body of the answer, or null if the store can't tell
	 * @throws IllegalArgumentException if nothing can have this name
	 * @throws FeatureUnavailableException if the store failed
	 */
	@Nullable OperationResponseBody anywhere(String name);

	/**
	 * Takes something from all who hold it.
	 * @param name the full name, with its key
	 * @return the body of the answer, or null if the store can't do so
	 * @throws IllegalArgumentException if nothing can have this name
	 * @throws FeatureUnavailableException if the store failed
	 */
	@Nullable OperationResponseBody release(String name);

	/**
	 * Changes something in this process while it runs.
	 * @param name the name of it
	 * @param values what to change, as {@code name=value} with semicolons between
	 * @return the body of the answer, or null if there is nothing to change, as by
	 * default
	 * @throws IllegalArgumentException if nothing has this name, or a value is wrong
	 */
	default @Nullable OperationResponseBody change(String name, String values) {
		return null;
	}

}
