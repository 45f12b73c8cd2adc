/**
 * Leases kept in this JVM.
 */
@NullMarked
package io.concord.lease.local;

import org.jspecify.annotations.NullMarked;
