package io.concord.lease;

import java.util.Objects;

/**
 * What meters and traces call a request: one of few, so never with a key in it.
 * Immutable.
 *
 * @param feature what the lease is for, such as {@code lock}: first part of the names of
 * meters
 * @param name name within the feature, such as that of an annotation
 */
public record LeaseLabel(String feature, String name) {

	/** Label of a request that was given none. */
	public static final LeaseLabel NONE = new LeaseLabel("lease", "unnamed");

	public LeaseLabel {
		Objects.requireNonNull(feature, "feature");
		Objects.requireNonNull(name, "name");
	}

}
