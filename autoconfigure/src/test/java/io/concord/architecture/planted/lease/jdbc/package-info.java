/**
 * Planted violations of the rules.
 */
@NullMarked
package io.concord.architecture.planted.lease.jdbc;

import org.jspecify.annotations.NullMarked;
