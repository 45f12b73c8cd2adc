/**
 * What rate limits need, kept in memory.
 */
@NullMarked
package io.concord.ratelimit.local;

import org.jspecify.annotations.NullMarked;
