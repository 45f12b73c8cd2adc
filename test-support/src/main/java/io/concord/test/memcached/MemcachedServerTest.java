package io.concord.test.memcached;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real memcached as parameters of type {@link MemcachedServer}. All
 * classes of a JVM share it, so a test uses keys of its own, and must not end it: that is
 * what a {@link PrivateMemcachedServer} is for. The server is the first of these that can
 * be had:
 * <ol>
 * <li>the one at the URL {@code -Dconcord.test.memcached.url} or
 * {@code CONCORD_TEST_MEMCACHED_URL}, as {@code memcached://host:port}; an empty property
 * overrides the variable;
 * <li>a local binary: the one that {@code -Dconcord.test.memcached.binary} names, by its
 * path or its directory, else {@code memcached} on the {@code PATH};
 * <li>a container, if Testcontainers is on the class path and Docker answers.
 * </ol>
 * If a property names one, no other is tried. If none can be had, the class fails if a
 * property named one or memcached is {@linkplain io.concord.test.server.RequiredServers
 * required}, and is skipped otherwise; the message says why. A server that the test left
 * paused goes on after it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(MemcachedServerExtension.class)
public @interface MemcachedServerTest {

}
