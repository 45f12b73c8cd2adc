package io.concord.test.zookeeper;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real ZooKeeper of three nodes, each a process of its own, as
 * parameters of type {@link ZooKeeperCluster}. All classes of a JVM share it, so a test
 * uses nodes of its own below the root. It is the first of these that can be had:
 * <ol>
 * <li>the one whose connect string {@code -Dconcord.test.zookeeper.url} or
 * {@code CONCORD_TEST_ZOOKEEPER_URL} gives, as {@code host:port,host:port}; an empty
 * property overrides the variable;
 * <li>the server inside {@code org.apache.zookeeper:zookeeper}, if that,
 * {@code io.dropwizard.metrics:metrics-core} and {@code org.xerial.snappy:snappy-java}
 * are on the class path.
 * </ol>
 * If the connect string is given, nothing else is tried. If none can be had, the class
 * fails if it was given or ZooKeeper is
 * {@linkplain io.concord.test.server.RequiredServers required}, and is skipped otherwise;
 * the message says why. A test may pause and kill nodes: after it they go on, or are
 * started again, and are waited for. One that wants its own cluster has a
 * {@link PrivateZooKeeperCluster}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(ZooKeeperExtension.class)
public @interface ZooKeeperTest {

}
