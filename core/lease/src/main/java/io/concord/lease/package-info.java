/**
 * Leases on named resources: the one engine under locks, elections and limits.
 * Applications use the features on top; {@link io.concord.lease.LeaseStore} is for those
 * who add a store.
 */
@NullMarked
package io.concord.lease;

import org.jspecify.annotations.NullMarked;
