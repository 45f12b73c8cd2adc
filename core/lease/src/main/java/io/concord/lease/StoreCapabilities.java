package io.concord.lease;

import java.time.Duration;

/**
 * What a store can do. Features that need what a store lacks refuse it at start; the
 * contract kit tests what is declared.
 *
 * @param fifo whether waiting claims are served in the order in which they joined the
 * line
 * @param tokens whether every later grant of a resource has a larger token
 * @param limits whether claims with a limit other than 1 are taken
 * @param hints whether the store tells an engine of an offer, see
 * {@link LeaseStore#listen}; without hints, waiters look again by time alone
 * @param margin by how much a holder must stop before its lease ends by its own count,
 * for what the store's way of expiring leases adds to the engine's own allowance
 */
public record StoreCapabilities(boolean fifo, boolean tokens, boolean limits, boolean hints, Duration margin) {
}
