/**
 * A real memcached for tests.
 */
@NullMarked
package io.concord.test.memcached;

import org.jspecify.annotations.NullMarked;
