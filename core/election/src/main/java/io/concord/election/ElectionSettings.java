package io.concord.election;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How a node takes part in an election. Nodes may differ in it. Immutable.
 *
 * @param name name of the election: any text but the empty one, up to 200 characters
 * @param leaseTime for how long the leadership of a crashed process, or one that can't
 * reach the store, outlives it: the time between confirmations by the store
 * @param autoStart whether the node is a candidate from its start on; otherwise only from
 * {@link LeaderElection#join()} on
 * @param spread whether the node leaves the leadership to candidates that lead fewer of
 * the elections for which it says so, see {@link LeaderElections}
 * @param address where the node can be reached as the leader of this election, in the
 * notation of {@link ElectionNode#address()}; null for where it can be reached at all
 */
public record ElectionSettings(String name, Duration leaseTime, boolean autoStart, boolean spread,
		@Nullable String address) {

	/** Default of {@link #leaseTime}. */
	public static final Duration DEFAULT_LEASE_TIME = Duration.ofSeconds(15);

	/** Longest name, in characters. */
	public static final int MAX_NAME_LENGTH = 200;

	public ElectionSettings {
		if (name.isBlank() || name.length() > MAX_NAME_LENGTH || !name.equals(name.strip())) {
			throw new IllegalArgumentException("The name of an election must have 1 to " + MAX_NAME_LENGTH
					+ " characters and neither begin nor end with spaces, not '" + Names.abbreviate(name) + "'.");
		}
		if (leaseTime.isZero() || leaseTime.isNegative()) {
			throw new IllegalArgumentException("The lease time of election '" + Names.abbreviate(name)
					+ "' must be positive, not " + leaseTime + ".");
		}
		if (address != null) {
			ElectionNode.requireLabel("address", address);
		}
	}

	/**
	 * Creates settings without an address of their own.
	 * @param name as above
	 * @param leaseTime as above
	 * @param autoStart as above
	 * @param spread as above
	 */
	public ElectionSettings(String name, Duration leaseTime, boolean autoStart, boolean spread) {
		this(name, leaseTime, autoStart, spread, null);
	}

	/**
	 * Creates the settings of a candidate from the start on, without regard to other
	 * elections.
	 * @param name as above
	 * @param leaseTime as above
	 */
	public ElectionSettings(String name, Duration leaseTime) {
		this(name, leaseTime, true, false);
	}

}
