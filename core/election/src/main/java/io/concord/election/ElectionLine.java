package io.concord.election;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Who stands in an election, as the store saw it at one moment. Immutable.
 *
 * @param leader who leads, or is about to; null if nobody is
 * @param candidates who stands in line, in its order, at most a hundred; empty if the
 * store can't list them
 * @param waiting how many candidates stand in line
 */
public record ElectionLine(@Nullable Leader leader, List<ElectionNode> candidates, int waiting) {

	public ElectionLine {
		candidates = List.copyOf(candidates);
	}

}
