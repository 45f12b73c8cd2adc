/**
 * A real MySQL for tests.
 */
@NullMarked
package io.concord.test.mysql;

import org.jspecify.annotations.NullMarked;
