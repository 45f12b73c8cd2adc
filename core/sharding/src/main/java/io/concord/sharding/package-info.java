/**
 * Routing to one of several databases or Redis servers. Applications use
 * {@link io.concord.sharding.ShardBy} and {@link io.concord.sharding.Sharding}.
 */
@NullMarked
package io.concord.sharding;

import org.jspecify.annotations.NullMarked;
