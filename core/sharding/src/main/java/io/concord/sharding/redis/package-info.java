/**
 * Routing of Redis connections.
 */
@NullMarked
package io.concord.sharding.redis;

import org.jspecify.annotations.NullMarked;
