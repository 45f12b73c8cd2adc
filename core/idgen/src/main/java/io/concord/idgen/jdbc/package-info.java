/**
 * What ids need, kept in a relational database.
 */
@NullMarked
package io.concord.idgen.jdbc;

import org.jspecify.annotations.NullMarked;
