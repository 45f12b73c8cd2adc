/**
 * Leases kept in Redis.
 */
@NullMarked
package io.concord.lease.redis;

import org.jspecify.annotations.NullMarked;
