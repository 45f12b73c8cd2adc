/**
 * What the databases that tests run on have in common.
 */
@NullMarked
package io.concord.test.jdbc;

import org.jspecify.annotations.NullMarked;
