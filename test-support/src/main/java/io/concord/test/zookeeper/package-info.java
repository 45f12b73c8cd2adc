/**
 * A real ZooKeeper cluster for tests.
 */
@NullMarked
package io.concord.test.zookeeper;

import org.jspecify.annotations.NullMarked;
