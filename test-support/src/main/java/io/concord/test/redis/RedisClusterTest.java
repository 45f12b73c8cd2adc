package io.concord.test.redis;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real Redis Cluster of three masters as parameters of type
 * {@link RedisCluster}. All classes of a JVM share it, so a test uses names of its own or
 * empties it first. It is made from a local or embedded binary, see
 * {@link RedisServerTest}. A test may pause and kill nodes: after it they go on, or are
 * started again without data, and are waited for.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(RedisClusterExtension.class)
public @interface RedisClusterTest {

}
