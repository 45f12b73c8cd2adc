/**
 * What rate limits need, kept in a relational database.
 */
@NullMarked
package io.concord.ratelimit.jdbc;

import org.jspecify.annotations.NullMarked;
