/**
 * What ids need, kept in Redis.
 */
@NullMarked
package io.concord.idgen.redis;

import org.jspecify.annotations.NullMarked;
