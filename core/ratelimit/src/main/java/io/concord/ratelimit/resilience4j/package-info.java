/**
 * Rate limits and resilience4j: its limiters as a store of a single process, and rules in
 * its registries.
 */
@NullMarked
package io.concord.ratelimit.resilience4j;

import org.jspecify.annotations.NullMarked;
