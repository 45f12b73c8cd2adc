/**
 * A real MariaDB for tests.
 */
@NullMarked
package io.concord.test.mariadb;

import org.jspecify.annotations.NullMarked;
