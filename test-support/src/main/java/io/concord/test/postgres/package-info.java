/**
 * A real PostgreSQL for tests.
 */
@NullMarked
package io.concord.test.postgres;

import org.jspecify.annotations.NullMarked;
