package io.concord.election;

/**
 * Says, on every node, that an election has a new leader. Published on a thread of
 * Concord's: on the leader at once, elsewhere when the node has seen it, within a third
 * of the lease time.
 *
 * @param election name of the election
 * @param leader the new leader
 */
public record LeaderChangedEvent(String election, Leader leader) {
}
