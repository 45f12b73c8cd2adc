/**
 * Leases kept in Redis, and how stores of other features make calls to it.
 */
@NullMarked
package io.concord.lease.redis;

import org.jspecify.annotations.NullMarked;
