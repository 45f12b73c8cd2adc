package io.concord.election;

/**
 * Says that this node doesn't lead an election any more, once for each
 * {@link LeadershipGrantedEvent}. Published on a thread of Concord's. If the node steps
 * down, no other leads before the event's listeners have returned.
 *
 * @param leadership what it had
 * @param reason why, for people
 */
public record LeadershipRevokedEvent(Leadership leadership, String reason) {
}
