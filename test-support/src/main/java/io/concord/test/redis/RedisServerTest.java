package io.concord.test.redis;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real Redis as parameters of type {@link RedisServer}. All classes
 * of a JVM share it, so a test uses names of its own or empties it first, and must not
 * end it: that is what a {@link PrivateRedisServer} is for. The server is the first of
 * these that can be had:
 * <ol>
 * <li>the one at the URL {@code -Dconcord.test.redis.url} or
 * {@code CONCORD_TEST_REDIS_URL}, as {@code redis://host:port}; an empty property
 * overrides the variable;
 * <li>a local binary: the one that {@code -Dconcord.test.redis.binary} names, by its path
 * or its directory, else {@code redis-server} on the {@code PATH};
 * <li>the binary inside {@code com.github.codemonstur:embedded-redis}, if that is on the
 * class path;
 * <li>a container, if Testcontainers is on the class path and Docker answers.
 * </ol>
 * If a property names one, no other is tried. If none can be had, the class fails if a
 * property named one or Redis is {@linkplain io.concord.test.server.RequiredServers
 * required}, and is skipped otherwise; the message says why. A server that the test left
 * paused goes on after it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(RedisServerExtension.class)
public @interface RedisServerTest {

}
