package io.concord.election;

import org.jspecify.annotations.Nullable;

import io.concord.ConcordException;

/**
 * This node doesn't lead an election. What only the leader does was not done.
 */
public class NotLeaderException extends ConcordException {

	private final String election;

	private final transient @Nullable Leader leader;

	/**
	 * Creates the exception.
	 * @param election name of the election
	 * @param leader who leads, if that is known
	 */
	public NotLeaderException(String election, @Nullable Leader leader) {
		super("This node does not lead the election '" + Names.abbreviate(election) + "'" + describe(leader));
		this.election = election;
		this.leader = leader;
	}

	private static String describe(@Nullable Leader leader) {
		if (leader == null) {
			return ", and no leader is known";
		}
		return "; the leader is '" + leader.id() + "'" + ((leader.address() != null) ? " at " + leader.address() : "");
	}

	/**
	 * Returns the name of the election.
	 * @return the name
	 */
	public String getElection() {
		return this.election;
	}

	/**
	 * Returns who leads.
	 * @return the leader; null if none is known, and after deserialization
	 */
	public @Nullable Leader getLeader() {
		return this.leader;
	}

}
