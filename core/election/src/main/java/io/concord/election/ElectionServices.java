package io.concord.election;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.guard.CommitChecks;
import io.concord.lease.guard.FencingGuard;

/**
 * What the calls of annotated methods need. Spring's transactions may be missing: neither
 * type of the guard is loaded unless it is there.
 *
 * @param elections the elections
 * @param commitChecks checks the commits of a method; null if there are no transactions
 * @param fencingGuard the guard; asked only for methods that are fenced, and then there
 */
record ElectionServices(LeaderElections elections, @Nullable CommitChecks commitChecks,
		Supplier<FencingGuard> fencingGuard) {
}
