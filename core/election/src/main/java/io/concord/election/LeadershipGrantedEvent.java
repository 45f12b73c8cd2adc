package io.concord.election;

/**
 * Says that this node leads an election. Published on a thread of Concord's.
 *
 * @param leadership its leadership, which may have ended since
 */
public record LeadershipGrantedEvent(Leadership leadership) {
}
