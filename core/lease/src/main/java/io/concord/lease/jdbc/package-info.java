/**
 * Leases kept in a relational database, and how stores of other features make calls to
 * one.
 */
@NullMarked
package io.concord.lease.jdbc;

import org.jspecify.annotations.NullMarked;
