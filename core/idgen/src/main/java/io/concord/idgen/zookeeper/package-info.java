/**
 * What ids need, kept in ZooKeeper.
 */
@NullMarked
package io.concord.idgen.zookeeper;

import org.jspecify.annotations.NullMarked;
