package io.concord.lease;

import java.time.Duration;
import java.time.Instant;

/**
 * A lease of an engine at one moment, for people. Immutable.
 *
 * @param label what meters call it
 * @param resource name of the resource
 * @param owner identity of its claim, see {@link Claim#owner()}
 * @param limit its {@link Claim#limit()}
 * @param token its fencing token
 * @param since when it was granted, by the wall clock of this process
 * @param remaining for how long it stays valid without another renewal; zero if it is not
 * valid
 * @param validUntil the same by the wall clock of this process
 * @param waiters how many requests to the same engine wait for the resource
 */
public record HeldResource(LeaseLabel label, String resource, String owner, int limit, long token, Instant since,
		Duration remaining, Instant validUntil, int waiters) {
}
