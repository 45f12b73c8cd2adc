/**
 * Distributed locks: {@link io.concord.lock.DistributedLock @DistributedLock} around a
 * method, {@link io.concord.lock.DistributedLocks} for everything else.
 */
@NullMarked
package io.concord.lock;

import org.jspecify.annotations.NullMarked;
