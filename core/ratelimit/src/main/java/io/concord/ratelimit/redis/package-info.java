/**
 * What rate limits need, kept in Redis.
 */
@NullMarked
package io.concord.ratelimit.redis;

import org.jspecify.annotations.NullMarked;
