/**
 * What ids need, kept in memory: for tests and development.
 */
@NullMarked
package io.concord.idgen.local;

import org.jspecify.annotations.NullMarked;
