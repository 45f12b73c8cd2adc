/**
 * Planted violations of the rules.
 */
@NullMarked
package io.concord.architecture.planted.lease.redis;

import org.jspecify.annotations.NullMarked;
