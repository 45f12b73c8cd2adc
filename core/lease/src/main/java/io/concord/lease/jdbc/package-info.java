/**
 * Leases kept in a relational database.
 */
@NullMarked
package io.concord.lease.jdbc;

import org.jspecify.annotations.NullMarked;
