package io.concord.election;

import io.concord.ConcordException;

/**
 * This node ceased to lead while a method ran that only the leader runs: another may lead
 * since. What the method has done is done, but for transactions that were rolled back.
 */
public class LeadershipLostException extends ConcordException {

	private final String election;

	private final long term;

	private final String reason;

	/**
	 * Creates the exception.
	 * @param election name of the election
	 * @param term term of the leadership
	 * @param reason why it ended, for people
	 */
	public LeadershipLostException(String election, long term, String reason) {
		super("The leadership in the election '" + Names.abbreviate(election) + "' of term " + term + " has ended: "
				+ reason);
		this.election = election;
		this.term = term;
		this.reason = reason;
	}

	/**
	 * Returns the name of the election.
	 * @return the name
	 */
	public String getElection() {
		return this.election;
	}

	/**
	 * Returns the term of the leadership that has ended.
	 * @return the term
	 */
	public long getTerm() {
		return this.term;
	}

	/**
	 * Returns why the leadership has ended.
	 * @return the reason, for people
	 */
	public String getReason() {
		return this.reason;
	}

}
