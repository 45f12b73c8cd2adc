/**
 * A real Redis for tests.
 */
@NullMarked
package io.concord.test.redis;

import org.jspecify.annotations.NullMarked;
