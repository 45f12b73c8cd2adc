package io.concord.test.mysql;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a real MySQL as parameters of type {@link MySqlServer}. All classes
 * of a JVM share it, so a test creates a database of its own, and must not end the
 * server: that is what a {@link PrivateMySqlServer} is for. Needs the JDBC driver on the
 * class path. The server is the first of these that can be had:
 * <ol>
 * <li>the one at the URL {@code -Dconcord.test.mysql.url} or
 * {@code CONCORD_TEST_MYSQL_URL}, as
 * {@code jdbc:mysql://host:port/?user=name&password=word} with a user who may create
 * databases; an empty property overrides the variable;
 * <li>a local binary: the one that {@code -Dconcord.test.mysql.binary} names, by its path
 * or its directory, else {@code mysqld} on the {@code PATH};
 * <li>a container, if Testcontainers is on the class path and Docker answers.
 * </ol>
 * If a property names one, no other is tried. If none can be had, the class fails if a
 * property named one or MySQL is {@linkplain io.concord.test.server.RequiredServers
 * required}, and is skipped otherwise; the message says why. A server that the test left
 * paused goes on after it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(MySqlServerExtension.class)
public @interface MySqlServerTest {

}
