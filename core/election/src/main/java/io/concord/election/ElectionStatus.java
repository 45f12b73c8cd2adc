package io.concord.election;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * An election at one moment, as one node knows it. Immutable.
 *
 * @param name name of the election
 * @param state what this node does
 * @param leader who leads; null if there was none or the store can't tell
 * @param changes how many leaders this node has seen
 * @param lastLeaders the last of them, at most ten, the newest first
 * @param timeWithoutLeader for how long in all this node has known of no leader since it
 * was started
 */
public record ElectionStatus(String name, State state, @Nullable Leader leader, long changes, List<Leader> lastLeaders,
		Duration timeWithoutLeader) {

	/** How many leaders are remembered. */
	public static final int MAX_LEADERS = 10;

	public ElectionStatus {
		lastLeaders = List.copyOf(lastLeaders);
	}

	/**
	 * What a node does in an election.
	 */
	public enum State {

		/** It is no candidate. */
		OUT,

		/** It stands in line, or tries to. */
		CANDIDATE,

		/** It leads, or would if its lease were certain. */
		LEADER,

		/** It leads no more, and waits for methods to end before it hands over. */
		STEPPING_DOWN,

		/** It has stepped down and lets others go first. */
		PAUSED

	}

}
