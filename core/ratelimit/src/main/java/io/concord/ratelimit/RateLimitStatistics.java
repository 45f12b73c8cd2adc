package io.concord.ratelimit;

/**
 * What became of the calls of a rule in this process, since its first one. Immutable.
 *
 * @param admitted calls that were granted their permits
 * @param refused calls that were refused
 * @param shadowed calls that went on though they would have been refused
 * @param unchecked calls that went on as the store had failed
 * @param failed calls that failed with the store
 * @param alone calls that this process decided by its own part, as the store had failed;
 * counted as admitted or refused as well
 * @param ahead calls that were granted a permit which had been taken ahead; only these
 * can be too many, by what the rule allows
 * @param asked calls to the store; none to one in the memory of this process
 * @param overshoot how many permits taken ahead this process has used in a window in
 * which the store had hardly any more, at most: by so many it has been beyond the limit
 * @param held permits for concurrency that are held at this moment
 */
public record RateLimitStatistics(long admitted, long refused, long shadowed, long unchecked, long failed, long alone,
		long ahead, long asked, long overshoot, long held) {
}
