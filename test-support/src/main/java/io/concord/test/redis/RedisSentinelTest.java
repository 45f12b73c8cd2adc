package io.concord.test.redis;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real Redis with a replica and three sentinels as parameters of
 * type {@link RedisSentinel}. All classes of a JVM share it, so a test uses names of its
 * own or empties it first, and must not disturb it: for that it starts one of its own. It
 * is made from a local or embedded binary, see {@link RedisServerTest}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(RedisSentinelExtension.class)
public @interface RedisSentinelTest {

}
