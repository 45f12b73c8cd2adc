package io.concord.election;

/**
 * Told of what happens in an election, on threads of Concord's: of one event after the
 * other, in their order. What it throws is logged. As long as it doesn't return, later
 * events wait, and a node that steps down waits for it before another leads.
 */
public interface LeadershipListener {

	/**
	 * This node leads. It may have ceased to when this is called, see
	 * {@link Leadership#isHeld()}.
	 * @param leadership its leadership
	 */
	default void granted(Leadership leadership) {
	}

	/**
	 * This node doesn't lead any more, once for each {@link #granted}.
	 * @param leadership what it had
	 * @param reason why, for people
	 */
	default void revoked(Leadership leadership, String reason) {
	}

	/**
	 * This node has seen that there is a new leader, or is it. Leaders that came and went
	 * between two looks are not told of.
	 * @param election name of the election
	 * @param leader the new leader
	 */
	default void leaderChanged(String election, Leader leader) {
	}

}
