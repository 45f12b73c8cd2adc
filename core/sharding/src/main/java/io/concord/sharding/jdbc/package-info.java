/**
 * Routing of JDBC connections.
 */
@NullMarked
package io.concord.sharding.jdbc;

import org.jspecify.annotations.NullMarked;
