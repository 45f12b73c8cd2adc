/**
 * Flow control. Applications use {@link io.concord.ratelimit.RateLimited} and
 * {@link io.concord.ratelimit.RateLimits}; {@link io.concord.ratelimit.RateLimitStore}
 * and {@link io.concord.ratelimit.RateModel} are for those who add a store.
 */
@NullMarked
package io.concord.ratelimit;

import org.jspecify.annotations.NullMarked;
