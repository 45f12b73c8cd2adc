package io.concord.loadbalancer;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How an instance does, at one moment. Immutable.
 *
 * @param id name of the instance
 * @param weight weight it was given
 * @param share its share of calls that are distributed by weight, between 0 and 1; less
 * than its weight says while it is new
 * @param inFlight calls that have begun and not ended
 * @param ewma average time to its answers, with more weight on late and on slow ones;
 * zero if it has not answered yet
 * @param ejectedFor for how long it gets no calls; null if it does
 * @param ejections how often it was ejected
 * @param picks how often it was chosen
 * @param failures how many calls failed
 */
public record TargetStatus(String id, double weight, double share, int inFlight, Duration ewma,
		@Nullable Duration ejectedFor, long ejections, long picks, long failures) {
}
