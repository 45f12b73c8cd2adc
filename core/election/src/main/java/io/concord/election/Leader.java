package io.concord.election;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Who leads, as far as this node knows. Immutable.
 *
 * @param id what the node calls itself: a label, which several nodes may share
 * @param address where the node can be reached, if it says so
 * @param term its term, see {@link Leadership#term()}
 * @param since since when it leads: on the leader itself when it began, elsewhere when
 * this node learned of it
 */
public record Leader(String id, @Nullable String address, long term, Instant since) {
}
