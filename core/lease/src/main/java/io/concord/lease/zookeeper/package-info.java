/**
 * Leases in ZooKeeper, through Curator.
 */
@NullMarked
package io.concord.lease.zookeeper;

import org.jspecify.annotations.NullMarked;
