package io.concord.election;

import java.time.Clock;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.concord.lease.LeaseEngine;

/**
 * What all elections of a node share.
 *
 * @param engine gives the engine; another one after a restart
 * @param node gives what the node tells of itself
 * @param handOverTimeout how long to wait for bodies and listeners before the leadership
 * is abandoned
 * @param events is told of all elections; null if nobody is
 * @param threads runs what waits
 * @param nanoTime measures durations
 * @param clock tells the time, for people
 */
record Context(Supplier<LeaseEngine> engine, Supplier<ElectionNode> node, Duration handOverTimeout,
		@Nullable LeadershipListener events, Threads threads, LongSupplier nanoTime, Clock clock) {
}
